// Package pki makes the certificates of a sandbox: a certificate authority,
// and a server certificate signed by it.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	caLifetime     = 10 * 365 * 24 * time.Hour
	serverLifetime = 365 * 24 * time.Hour
	// clockSkew allows for clients whose clock is a little behind.
	clockSkew = time.Hour
)

// Authority signs server certificates.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Load returns the authority whose certificate and key are in two files. If either is missing,
// unusable or about to expire, it makes a new authority. The key file is readable by its owner
// only.
func Load(certFile, keyFile string, now time.Time) (*Authority, error) {
	if authority, err := read(certFile, keyFile); err == nil && now.Before(authority.cert.NotAfter.Add(-serverLifetime)) {
		return authority, nil
	}
	authority, err := create(now)
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	return authority, authority.write(certFile, keyFile)
}

func create(now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Code Manager sandbox CA"},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(caLifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &Authority{cert: cert, key: key}, err
}

// Pool holds the certificate of the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// ServerCertificate signs a certificate for names and addresses. Its common
// name is localhost. The chain to send is without the root, which clients have.
func (a *Authority) ServerCertificate(names []string, addresses []net.IP, now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "localhost"},
		NotBefore:   now.Add(-clockSkew),
		NotAfter:    now.Add(serverLifetime),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    names,
		IPAddresses: addresses,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func read(certFile, keyFile string) (*Authority, error) {
	// X509KeyPair checks that the two belong together.
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, errors.New("not an authority of a sandbox")
	}
	return &Authority{cert: pair.Leaf, key: key}, nil
}

func (a *Authority) write(certFile, keyFile string) error {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(keyFile), 0o700); err != nil {
		return err
	}
	// WriteFile keeps the mode of a file that exists.
	if err := os.RemoveAll(keyFile); err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, pemText("PRIVATE KEY", der), 0o600); err != nil {
		return err
	}
	return os.WriteFile(certFile, pemText("CERTIFICATE", a.cert.Raw), 0o644) //nolint:gosec // it is no secret
}

func pemText(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
