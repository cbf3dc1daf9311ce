package transport_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// running answers with a healthy status.
func running() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"state":"running"}`) }
}

// trust trusts a server of httptest.
func trust(server *httptest.Server) transport.TLSOptions {
	return transport.TLSOptions{CAPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})}
}

func newClient(t *testing.T, opts transport.Options) *transport.Client {
	t.Helper()
	opts.Token = token
	client, err := transport.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// ask sends one request and reads the answer.
func ask(t *testing.T, address string, opts transport.TLSOptions) error {
	t.Helper()
	return get(t, newClient(t, transport.Options{BaseURL: address, TLS: opts}))
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
	template, err := testtls.Template(kind)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(running())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if server.TLS, err = ca.Config(template); err != nil {
		t.Fatal(err)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestVerification(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	byName := transport.TLSOptions{Verification: transport.VerifyCommonName}
	for name, test := range map[string]struct {
		kind string
		opts transport.TLSOptions
		want string // "" is accepted
	}{
		"alternative name":            {"good", transport.TLSOptions{}, ""},
		"another authority":           {"good", transport.TLSOptions{CACert: foreign.File}, "not signed by a trusted authority"},
		"another host":                {"other", transport.TLSOptions{}, "it is for another host"},
		"expired":                     {"expired", transport.TLSOptions{}, "expired"},
		"common name only":            {"cn", transport.TLSOptions{}, "no subject alternative names"},
		"common name, -k":             {"cn", byName, ""},
		"wrong common name, -k":       {"wrongcn", byName, "could not be verified"},
		"no common name, -k":          {"other", byName, "could not be verified"},
		"alternative name, -k":        {"good", byName, ""},
		"expired, -k":                 {"expired", byName, "expired"},
		"another authority, -k":       {"cn", transport.TLSOptions{CACert: foreign.File, Verification: transport.VerifyCommonName}, "not signed by a trusted authority"},
		"another authority, insecure": {"wrongcn", transport.TLSOptions{CACert: foreign.File, Verification: transport.VerifyNothing}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if test.opts.CACert == "" {
				test.opts.CACert = ours.File
			}
			server := serverOf(t, ours, test.kind)
			err := ask(t, server.URL, test.opts)
			if test.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			cert, ok := errors.AsType[*transport.CertificateError](err)
			if !ok || !strings.Contains(cert.Error(), test.want) {
				t.Fatalf("error lacks %q: %T %v", test.want, err, err)
			}
			if cert.Host != "127.0.0.1" || cert.Trusted != test.opts.CACert || cert.Certificate == nil {
				t.Errorf("%+v", cert)
			}
			if broken, ok := errors.AsType[*transport.ConnectionError](err); !ok || broken.Sent {
				t.Error("the request is said to have left")
			}
		})
	}
}

func TestCommonNameCallback(t *testing.T) {
	ca := newAuthority(t)
	var said []string
	opts := transport.TLSOptions{
		CACert: ca.File, Verification: transport.VerifyCommonName,
		OnCommonName: func(host string) { said = append(said, host) },
	}
	if err := ask(t, serverOf(t, ca, "cn").URL, opts); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0] != "127.0.0.1" {
		t.Errorf("said of %q", said)
	}
}

func TestTLSVersion(t *testing.T) {
	server := httptest.NewUnstartedServer(running())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} // what must be refused
	server.StartTLS()
	defer server.Close()
	err := ask(t, server.URL, trust(server))
	if _, ok := errors.AsType[*transport.ConnectionError](err); !ok {
		t.Errorf("TLS 1.1 is spoken: %v", err)
	}
}

// Servers of PE up to 2017.2 support only AES with RSA key exchange. Weaker cipher suites are
// refused.
func TestCipherSuitesOfOldServers(t *testing.T) {
	ca, err := testtls.NewPuppet(t.TempDir(), "rsa")
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
		err := ask(t, server.URL, transport.TLSOptions{CACert: ca.CA})
		if (err == nil) != spoken {
			t.Errorf("%s: %v", tls.CipherSuiteName(suite), err)
		}
		server.Close()
	}
}

func TestPlainHTTPOnThePort(t *testing.T) {
	plain := httptest.NewServer(running())
	defer plain.Close()
	address := "https://" + strings.TrimPrefix(plain.URL, "http://")
	err := ask(t, address, transport.TLSOptions{})
	broken, ok := errors.AsType[*transport.ConnectionError](err)
	if !ok || broken.Sent || !errors.Is(err, http.ErrSchemeMismatch) {
		t.Errorf("%T %v", err, err)
	}
}

func TestTrustedFiles(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{empty: "contains no PEM certificate", empty + "x": "cannot read", filepath.Dir(empty): "cannot read"} {
		_, err := transport.NewTLSConfig(transport.TLSOptions{CACert: path})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// With TLS 1.3, a server may demand a client certificate when the request is already sent. It has
// not read the request then. Any other end of the connection proves nothing.
func TestAlertsInPlaceOfAnAnswer(t *testing.T) {
	ca := newAuthority(t)
	template, err := testtls.Template("good")
	if err != nil {
		t.Fatal(err)
	}
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
			config, err := ca.Config(template)
			if err != nil {
				t.Fatal(err)
			}
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
			err = ask(t, "https://"+listener.Addr().String(), transport.TLSOptions{CACert: ca.File})
			broken, ok := errors.AsType[*transport.ConnectionError](err)
			if !ok || broken.Sent != test.sent {
				t.Errorf("%T %v", err, err)
			}
			served.Wait()
		})
	}
}
