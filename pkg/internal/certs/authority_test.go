package certs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
)

const host = "primary.example.com"

// part is an attribute of a name: its type, such as the common name, the type of
// its string, and the text.
type part struct {
	oid  []int
	tag  int
	text string
}

var commonName, organization = []int{2, 5, 4, 3}, []int{2, 5, 4, 10}

// named makes a distinguished name in DER.
func named(t *testing.T, parts ...part) []byte {
	t.Helper()
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	type attributeSET []attribute
	var name []attributeSET
	for _, p := range parts {
		text := []byte(p.text)
		switch p.tag {
		case asn1.TagT61String:
			text = nil
			for _, r := range p.text {
				text = append(text, byte(r))
			}
		case asn1.TagBMPString:
			text = nil
			for _, unit := range utf16.Encode([]rune(p.text)) {
				text = append(text, byte(unit>>8), byte(unit))
			}
		}
		name = append(name, attributeSET{{p.oid, asn1.RawValue{Tag: p.tag, Bytes: text}}})
	}
	der, err := asn1.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func cn(t *testing.T, tag int, text string) []byte {
	t.Helper()
	return named(t, part{commonName, tag, text})
}

// signer is an authority. Its certificates have its spelling of its own name.
type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	// spelling is the issuer name in its certificates, nil for its subject.
	spelling []byte
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// authority makes one that parent signs, or it itself.
func authority(t *testing.T, subject []byte, parent *signer, change func(*x509.Certificate)) *signer {
	t.Helper()
	template := &x509.Certificate{
		RawSubject: subject, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	key := newKey(t)
	return &signer{cert: issue(t, template, parent, key, change), key: key}
}

// leaf makes a server's certificate.
func leaf(t *testing.T, parent *signer, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	key := newKey(t)
	return tls.Certificate{Certificate: [][]byte{issue(t, template, parent, key, change).Raw}, PrivateKey: key}
}

func issue(t *testing.T, template *x509.Certificate, parent *signer, key *ecdsa.PrivateKey, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = serial
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if change != nil {
		change(template)
	}
	signedBy, signingKey := template, key
	if parent != nil {
		spelt := *parent.cert
		if parent.spelling != nil {
			spelt.RawSubject = parent.spelling
		}
		signedBy, signingKey = &spelt, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signedBy, &key.PublicKey, signingKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func pemOf(label string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

// serve starts a server with a certificate and gives its address.
func serve(t *testing.T, cert tls.Certificate) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	server.Config.ErrorLog = discard
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// dial makes the handshake as a client that trusts pool.
func dial(t *testing.T, address string, v certs.Verifier) error {
	t.Helper()
	conn, err := (&tls.Dialer{Config: &tls.Config{
		ServerName: host, InsecureSkipVerify: true, VerifyConnection: v.VerifyConnection,
	}}).DialContext(t.Context(), "tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err
}

// curl reports whether curl accepts the server with these trusted certificates.
func curl(t *testing.T, address string, trusted []byte) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, trusted, 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "curl", "--silent", "--noproxy", "*", "--cacert", file, "--capath", t.TempDir(),
		"--resolve", host+":"+port+":127.0.0.1", "https://"+host+":"+port+"/")
	return command.Run() == nil
}
