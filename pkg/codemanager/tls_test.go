package codemanager_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

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
	server := httptest.NewUnstartedServer(answers(200, "application/json", `{"state":"running"}`))
	if server.TLS, err = ca.Config(template); err != nil {
		t.Fatal(err)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestVerification(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	byName := codemanager.TLSOptions{Verification: codemanager.VerifyCommonName}
	for name, test := range map[string]struct {
		kind string
		opts codemanager.TLSOptions
		want string // "" is accepted
	}{
		"alternative name":            {"good", codemanager.TLSOptions{}, ""},
		"another authority":           {"good", codemanager.TLSOptions{CACert: foreign.File}, "not signed by a trusted authority"},
		"another host":                {"other", codemanager.TLSOptions{}, "it is for another host"},
		"expired":                     {"expired", codemanager.TLSOptions{}, "expired"},
		"common name only":            {"cn", codemanager.TLSOptions{}, "no subject alternative names"},
		"common name, -k":             {"cn", byName, ""},
		"wrong common name, -k":       {"wrongcn", byName, "could not be verified"},
		"no common name, -k":          {"other", byName, "could not be verified"},
		"alternative name, -k":        {"good", byName, ""},
		"expired, -k":                 {"expired", byName, "expired"},
		"another authority, -k":       {"cn", codemanager.TLSOptions{CACert: foreign.File, Verification: codemanager.VerifyCommonName}, "not signed by a trusted authority"},
		"another authority, insecure": {"wrongcn", codemanager.TLSOptions{CACert: foreign.File, Verification: codemanager.VerifyNothing}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if test.opts.CACert == "" {
				test.opts.CACert = ours.File
			}
			client := clientOf(t, serverOf(t, ours, test.kind), codemanager.Options{TLS: test.opts})
			_, err := client.Status(t.Context(), "info")
			if test.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			cert, ok := errors.AsType[*codemanager.CertificateError](err)
			if !ok || !strings.Contains(cert.Error(), test.want) {
				t.Fatalf("error lacks %q: %T %v", test.want, err, err)
			}
			if cert.Host != "127.0.0.1" || cert.Trusted != test.opts.CACert || cert.Certificate == nil {
				t.Errorf("%+v", cert)
			}
			if broken, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || broken.Sent {
				t.Error("the request is said to have left")
			}
		})
	}
}

func TestCommonNameIsSaid(t *testing.T) {
	ca := newAuthority(t)
	var said []string
	opts := codemanager.Options{TLS: codemanager.TLSOptions{
		CACert: ca.File, Verification: codemanager.VerifyCommonName,
		OnCommonName: func(host string) { said = append(said, host) },
	}}
	if _, err := clientOf(t, serverOf(t, ca, "cn"), opts).Status(t.Context(), "info"); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0] != "127.0.0.1" {
		t.Errorf("said of %q", said)
	}
}

func TestTLSVersion(t *testing.T) {
	server := httptest.NewUnstartedServer(answers(200, "application/json", `{"state":"running"}`))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} // what must be refused
	server.StartTLS()
	defer server.Close()
	_, err := clientOf(t, server, codemanager.Options{}).Status(t.Context(), "info")
	if _, ok := errors.AsType[*codemanager.ConnectionError](err); !ok {
		t.Errorf("TLS 1.1 is spoken: %v", err)
	}
}

// Servers of PE up to 2017.2 know AES with RSA key exchange alone; what is
// weaker is spoken with nobody.
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
		server := httptest.NewUnstartedServer(answers(200, "application/json", `{"state":"running"}`))
		server.TLS, err = ca.Config(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, false)
		if err != nil {
			t.Fatal(err)
		}
		server.TLS.MaxVersion, server.TLS.CipherSuites = tls.VersionTLS12, []uint16{suite}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		_, err := clientOf(t, server, codemanager.Options{TLS: codemanager.TLSOptions{CACert: ca.CA}}).Status(t.Context(), "info")
		if (err == nil) != spoken {
			t.Errorf("%s: %v", tls.CipherSuiteName(suite), err)
		}
		server.Close()
	}
}

func TestPlainHTTPOnThePort(t *testing.T) {
	plain := httptest.NewServer(answers(200, "application/json", `{"state":"running"}`))
	defer plain.Close()
	address := "https://" + strings.TrimPrefix(plain.URL, "http://")
	client, err := codemanager.New(codemanager.Options{BaseURL: address, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Status(t.Context(), "info")
	broken, ok := errors.AsType[*codemanager.ConnectionError](err)
	if !ok || broken.Sent || !errors.Is(err, http.ErrSchemeMismatch) {
		t.Errorf("%T %v", err, err)
	}
}

func TestTrustedFiles(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{empty: "has no PEM certificate", empty + "x": "no such file", filepath.Dir(empty): "is a directory"} {
		_, err := codemanager.NewTLSConfig(codemanager.TLSOptions{CACert: path})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
