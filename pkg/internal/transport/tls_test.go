package transport_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/service"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// running answers with a healthy status.
func running() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"state":"running"}`) }
}

// trust verifies the certificate of a server on the loopback as puppet-code does.
func trust(t *testing.T, file string, byName bool) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := certs.Parse(text, file)
	if err != nil {
		t.Fatal(err)
	}
	return certs.Verifier{Trusted: trusted, File: file, Host: "127.0.0.1", CommonName: byName}.Config()
}

func newClient(t *testing.T, opts service.Options) *transport.Client {
	t.Helper()
	opts.Token = token
	client, err := transport.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// ask sends one request and reads the answer.
func ask(t *testing.T, address string, config *tls.Config) error {
	t.Helper()
	return get(t, newClient(t, service.Options{BaseURL: address, TLS: config}))
}

func get(t *testing.T, client *transport.Client) error {
	t.Helper()
	_, err := client.Do(t.Context(), transport.Request{Method: http.MethodGet, Path: "/v1/status", Safe: true})
	return err
}

func newAuthority(t *testing.T) *testtls.Authority {
	t.Helper()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// serverOf answers with a healthy status under a certificate of a kind.
func serverOf(t *testing.T, ca *testtls.Authority, kind string) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(running())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = configOf(t, ca, kind)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// A library's own configuration verifies as crypto/tls does, and gets the rest of ours.
func TestOwnConfiguration(t *testing.T) {
	ca := newAuthority(t)
	config := rootsOf(t, ca.File)
	config.MinVersion = tls.VersionTLS10
	if err := ask(t, serverOf(t, ca, "good").URL, config); err != nil {
		t.Error(err)
	}
	err := ask(t, serverOf(t, ca, "cn").URL, config)
	if cert, ok := errors.AsType[*service.CertificateError](err); !ok || !cert.NoSAN() {
		t.Errorf("%T %v", err, err)
	}
	if config.MinVersion != tls.VersionTLS10 || config.NextProtos != nil {
		t.Error("the caller's configuration is changed")
	}
	if err := ask(t, oldServer(t).URL, config); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// oldServer speaks nothing newer than TLS 1.1.
func oldServer(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(running())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// Servers of PE up to 2017.2 support only AES with RSA key exchange. Weaker cipher suites are
// refused.
func TestCipherSuitesOfOldServers(t *testing.T) {
	ca, err := testtls.NewPuppet(t.TempDir(), 2048)
	if err != nil {
		t.Fatal(err)
	}
	for suite, spoken := range map[uint16]bool{
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: true,
		tls.TLS_RSA_WITH_AES_256_CBC_SHA:          true,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA256:       false,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA:          true,
		tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA:         false,
		tls.TLS_RSA_WITH_RC4_128_SHA:              false,
	} {
		server := httptest.NewUnstartedServer(running())
		server.TLS, err = ca.Config(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, false)
		if err != nil {
			t.Fatal(err)
		}
		server.TLS.MaxVersion, server.TLS.CipherSuites = tls.VersionTLS12, []uint16{suite}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		err := ask(t, server.URL, trust(t, ca.CA, false))
		if (err == nil) != spoken {
			t.Errorf("%s: %v", tls.CipherSuiteName(suite), err)
		}
		server.Close()
	}
}

// With TLS 1.3, a server may demand a client certificate when the request is already sent. It has
// not read the request then. Any other end of the connection proves nothing.
func TestAlertsInPlaceOfAnAnswer(t *testing.T) {
	ca := newAuthority(t)
	for name, test := range map[string]struct {
		version uint16
		wants   tls.ClientAuthType
		sent    bool
	}{
		"a certificate, TLS 1.2": {tls.VersionTLS12, tls.RequireAnyClientCert, false},
		"a certificate, TLS 1.3": {tls.VersionTLS13, tls.RequireAnyClientCert, false},
		"text without TLS":       {tls.VersionTLS13, tls.NoClientCert, true},
	} {
		t.Run(name, func(t *testing.T) {
			config := configOf(t, ca, "good")
			config.ClientAuth, config.MinVersion, config.MaxVersion = test.wants, test.version, test.version
			listener := listen(t)
			defer listener.Close()
			var served sync.WaitGroup
			served.Go(func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				server := tls.Server(conn, config)
				if server.Handshake() == nil {
					_, _ = http.ReadRequest(bufio.NewReader(server))
					_, _ = conn.Write([]byte("no record of TLS"))
					_, _ = server.Read(make([]byte, 1))
				}
				_, _ = io.Copy(io.Discard, conn)
			})
			err := ask(t, "https://"+listener.Addr().String(), trust(t, ca.File, false))
			broken, ok := errors.AsType[*service.ConnectionError](err)
			if !ok || broken.Sent != test.sent {
				t.Errorf("%T %v", err, err)
			}
			served.Wait()
		})
	}
}
