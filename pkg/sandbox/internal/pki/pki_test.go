package pki

import (
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func load(t *testing.T, dir string, now time.Time) *Authority {
	t.Helper()
	authority, err := Load(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "private", "key.pem"), now)
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func TestServerCertificateVerifies(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	authority := load(t, dir, now)
	made, err := authority.ServerCertificate([]string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, now)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(made.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if leaf.VerifyHostname("example.com") == nil {
		t.Error("valid for any name")
	}
	if leaf.Subject.CommonName != "localhost" {
		t.Errorf("common name %s", leaf.Subject.CommonName)
	}
}

func TestAuthorityIsKeptUntilItGetsOld(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first := load(t, dir, now)
	if !load(t, dir, now.Add(8*365*24*time.Hour)).cert.Equal(first.cert) {
		t.Error("a good authority was replaced")
	}
	second := load(t, dir, now.Add(9*365*24*time.Hour+time.Hour))
	if second.cert.Equal(first.cert) {
		t.Error("an authority that expires before its next certificate was kept")
	}
	info, err := os.Stat(filepath.Join(dir, "private", "key.pem"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
}
