// Package testtls makes authorities and server certificates for tests.
package testtls

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Authority signs certificates.
type Authority struct {
	// File has the authority's certificate and a CRL in PEM, like Puppet's.
	File string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes an authority whose certificate is ca.pem in dir.
func NewAuthority(dir string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Puppet CA: test"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	valid(&template)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: []byte("crl")})...)
	file := filepath.Join(dir, "ca.pem")
	return &Authority{File: file, cert: cert, key: key}, os.WriteFile(file, text, 0o600)
}

// Config signs a server certificate made of the template, which needs no more than names, and
// returns the configuration for a server.
func (a *Authority) Config(template x509.Certificate) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	negative := template.SerialNumber != nil && template.SerialNumber.Sign() < 0
	template.SerialNumber = big.NewInt(positive)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if template.NotBefore.IsZero() {
		valid(&template)
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	if negative {
		if der, err = a.withNegativeSerial(der); err != nil {
			return nil, err
		}
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}, nil
}

// positive is the serial number of a server's certificate.
const positive = 0x7a

// withNegativeSerial signs a certificate again, with a serial number that crypto/x509 does not write.
func (a *Authority) withNegativeSerial(der []byte) ([]byte, error) {
	var cert struct {
		TBS       asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &cert); err != nil {
		return nil, err
	}
	tbs := bytes.Replace(cert.TBS.FullBytes, []byte{asn1.TagInteger, 1, positive}, []byte{asn1.TagInteger, 1, positive | 0x80}, 1)
	digest := sha256.Sum256(tbs)
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		return nil, err
	}
	cert.TBS = asn1.RawValue{FullBytes: tbs}
	cert.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return asn1.Marshal(cert)
}

func valid(template *x509.Certificate) {
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
}

// Template returns the template of a kind of certificate for 127.0.0.1:
//
//	good     with subject alternative names
//	cn       with the common name only
//	wrongcn  with another common name only
//	other    for another host
//	expired  good until 1970
//	negative with a negative serial number
func Template(kind string) (x509.Certificate, error) {
	loopback := x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}
	switch kind {
	case "good":
		return loopback, nil
	case "cn":
		return x509.Certificate{Subject: pkix.Name{CommonName: "127.0.0.1"}}, nil
	case "wrongcn":
		return x509.Certificate{Subject: pkix.Name{CommonName: "primary.example.com"}}, nil
	case "other":
		return x509.Certificate{DNSNames: []string{"primary.example.com"}}, nil
	case "expired":
		loopback.NotBefore, loopback.NotAfter = time.Unix(0, 0), time.Unix(9, 0)
		return loopback, nil
	case "negative":
		loopback.SerialNumber = big.NewInt(-1)
		return loopback, nil
	default:
		return loopback, fmt.Errorf("no kind of certificate %q", kind)
	}
}
