package codemanager_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// authority signs certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Puppet CA: test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	// A CRL beside the certificate, as Puppet has it, is passed over.
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: []byte("crl")})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, file}
}

// server answers with a healthy status under a certificate made of template.
func (a *authority) server(t *testing.T, template x509.Certificate) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(2)
	if template.NotBefore.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, &template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(answers(200, "application/json", `{"state":"running"}`))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestVerification(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	loopback := []net.IP{net.IPv4(127, 0, 0, 1)}
	for name, test := range map[string]struct {
		template x509.Certificate
		opts     codemanager.TLSOptions
		want     string // "" is accepted
	}{
		"alternative name":             {x509.Certificate{IPAddresses: loopback}, codemanager.TLSOptions{}, ""},
		"another authority":            {x509.Certificate{IPAddresses: loopback}, codemanager.TLSOptions{CACert: foreign.file}, "not signed by a trusted authority"},
		"another host":                 {x509.Certificate{DNSNames: []string{"primary"}}, codemanager.TLSOptions{}, "it is for another host"},
		"expired":                      {x509.Certificate{IPAddresses: loopback, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(9, 0)}, codemanager.TLSOptions{}, "expired"},
		"common name only":             {cn("127.0.0.1"), codemanager.TLSOptions{}, "no subject alternative names"},
		"common name, -k":              {cn("127.0.0.1"), codemanager.TLSOptions{Verification: codemanager.VerifyCommonName}, ""},
		"wrong common name, -k":        {cn("primary"), codemanager.TLSOptions{Verification: codemanager.VerifyCommonName}, "could not be verified"},
		"no common name, -k":           {cn(""), codemanager.TLSOptions{Verification: codemanager.VerifyCommonName}, "could not be verified"},
		"alternative name, -k":         {x509.Certificate{IPAddresses: loopback}, codemanager.TLSOptions{Verification: codemanager.VerifyCommonName}, ""},
		"another authority, -k":        {cn("127.0.0.1"), codemanager.TLSOptions{CACert: foreign.file, Verification: codemanager.VerifyCommonName}, "not signed by a trusted authority"},
		"another authority, insecure":  {cn("x"), codemanager.TLSOptions{CACert: foreign.file, Verification: codemanager.VerifyNothing}, ""},
		"expired, common name, and -k": {expired(cn("127.0.0.1")), codemanager.TLSOptions{Verification: codemanager.VerifyCommonName}, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.opts.CACert == "" {
				test.opts.CACert = ours.file
			}
			client := clientOf(t, ours.server(t, test.template), codemanager.Options{TLS: test.opts})
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

func cn(name string) x509.Certificate {
	return x509.Certificate{Subject: pkix.Name{CommonName: name}}
}

func expired(cert x509.Certificate) x509.Certificate {
	cert.NotBefore, cert.NotAfter = time.Unix(0, 0), time.Unix(9, 0)
	return cert
}

func TestCommonNameIsSaid(t *testing.T) {
	ca := newAuthority(t)
	var said []string
	opts := codemanager.Options{TLS: codemanager.TLSOptions{
		CACert: ca.file, Verification: codemanager.VerifyCommonName,
		OnCommonName: func(host string) { said = append(said, host) },
	}}
	if _, err := clientOf(t, ca.server(t, cn("127.0.0.1")), opts).Status(t.Context(), "info"); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0] != "127.0.0.1" {
		t.Errorf("said of %q", said)
	}
}

func TestTLSVersion(t *testing.T) {
	server := httptest.NewUnstartedServer(answers(200, "application/json", `{"state":"running"}`))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // what must be refused
	server.StartTLS()
	defer server.Close()
	_, err := clientOf(t, server, codemanager.Options{}).Status(t.Context(), "info")
	if _, ok := errors.AsType[*codemanager.ConnectionError](err); !ok {
		t.Errorf("TLS 1.1 is spoken: %v", err)
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
