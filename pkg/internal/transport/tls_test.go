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

// trust verifies the certificate of a server on the loopback as puppet-code does.
func trust(t *testing.T, file string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := certs.Parse(text, file)
	if err != nil {
		t.Fatal(err)
	}
	return certs.Verifier{Trusted: trusted, File: file, Host: "127.0.0.1"}.Config()
}

// ask sends one request and reads the answer.
func ask(t *testing.T, address string, config *tls.Config) error {
	t.Helper()
	client, err := transport.New(service.Options{BaseURL: address, TLS: config, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Do(t.Context(), transport.Request{Method: http.MethodGet, Path: "/v1/status", Safe: true})
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

// serverOf answers each request with an empty body.
func serverOf(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// A library's own configuration verifies as crypto/tls does, and gets the rest of ours.
func TestOwnConfiguration(t *testing.T) {
	ca := newAuthority(t)
	config := rootsOf(t, ca.File)
	config.MinVersion = tls.VersionTLS10
	if err := ask(t, serverOf(t, configOf(t, ca, "good")).URL, config); err != nil {
		t.Error(err)
	}
	err := ask(t, serverOf(t, configOf(t, ca, "cn")).URL, config)
	if cert, ok := errors.AsType[*service.CertificateError](err); !ok || !cert.NoSAN() {
		t.Errorf("%T %v", err, err)
	}
	if config.MinVersion != tls.VersionTLS10 || config.NextProtos != nil {
		t.Error("the caller's configuration is changed")
	}
	old := configOf(t, ca, "good")
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if err := ask(t, serverOf(t, old).URL, config); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
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
		config, err := ca.Config(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, false)
		if err != nil {
			t.Fatal(err)
		}
		config.MaxVersion, config.CipherSuites = tls.VersionTLS12, []uint16{suite}
		err = ask(t, serverOf(t, config).URL, trust(t, ca.CA))
		if (err == nil) != spoken {
			t.Errorf("%s: %v", tls.CipherSuiteName(suite), err)
		}
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
			err := ask(t, "https://"+listener.Addr().String(), trust(t, ca.File))
			broken, ok := errors.AsType[*service.ConnectionError](err)
			if !ok || broken.Sent != test.sent {
				t.Errorf("%T %v", err, err)
			}
			served.Wait()
		})
	}
}
