package testtls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Puppet is an authority like Puppet Server's: a root, and an intermediate that signs the
// certificates of nodes.
type Puppet struct {
	// CA has the intermediate and the root, as ca.pem of every node; Root has
	// the root alone; CRL has the revocation lists of both; Bundle has all,
	// the lists first and the root before the intermediate.
	CA, Root, CRL, Bundle string

	signer  *x509.Certificate
	keys    [3]crypto.Signer // of the root, the intermediate and the server
	comment pkix.Extension
}

// makeKeys makes RSA keys of so many bits, or ECDSA keys if bits is 0.
func makeKeys(bits int) (keys [3]crypto.Signer, err error) {
	for i := range keys {
		if bits > 0 {
			keys[i], err = rsa.GenerateKey(rand.Reader, bits)
		} else {
			keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		}
		if err != nil {
			return keys, err
		}
	}
	return keys, nil
}

// NewPuppet makes the authority in dir, with RSA keys of so many bits, or ECDSA keys if bits is 0. Puppet
// has 4096 bits, but these take seconds to make, in which a busy machine starves the servers of other
// tests.
func NewPuppet(dir string, bits int) (*Puppet, error) {
	keys, err := makeKeys(bits)
	if err != nil {
		return nil, err
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	p := &Puppet{CA: file("ca.pem"), Root: file("root.pem"), CRL: file("crl.pem"), Bundle: file("bundle.pem"), keys: keys}
	comment, err := asn1.Marshal("Puppet Server Internal Certificate")
	if err != nil {
		return nil, err
	}
	p.comment = pkix.Extension{Id: asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 13}, Value: comment}
	root, err := newAuthority("Puppet Root CA: 5b1f0c5e7a9d", 1, nil, keys[0], keys[0])
	if err != nil {
		return nil, err
	}
	if p.signer, err = newAuthority("Puppet CA: primary.example.com", 2, root, keys[1], keys[0]); err != nil {
		return nil, err
	}
	return p, p.write(root)
}

// newAuthority makes the certificate of an authority. It is signed by parent, or self-signed if
// parent is nil.
func newAuthority(name string, serial int64, parent *x509.Certificate, own, signs crypto.Signer) (*x509.Certificate, error) {
	template := x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	valid(&template)
	if parent == nil {
		parent = &template
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, own.Public(), signs)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (p *Puppet) write(root *x509.Certificate) error {
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	crls := ""
	for i, issuer := range []*x509.Certificate{root, p.signer} {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour),
		}, issuer, p.keys[i])
		if err != nil {
			return err
		}
		crls += block("X509 CRL", der)
	}
	signer, top := block("CERTIFICATE", p.signer.Raw), block("CERTIFICATE", root.Raw)
	for path, text := range map[string]string{
		p.CA: signer + top, p.Root: top, p.CRL: crls, p.Bundle: crls + top + signer,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Config signs a server certificate made of the template, which needs no more
// than names. The server sends it alone, as those of Puppet do, or with the
// intermediate.
func (p *Puppet) Config(template x509.Certificate, withIntermediate bool) (*tls.Config, error) {
	template.SerialNumber = big.NewInt(3)
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.ExtraExtensions = []pkix.Extension{p.comment}
	valid(&template)
	der, err := x509.CreateCertificate(rand.Reader, &template, p.signer, p.keys[2].Public(), p.keys[1])
	if err != nil {
		return nil, err
	}
	chain := [][]byte{der}
	if withIntermediate {
		chain = append(chain, p.signer.Raw)
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: p.keys[2]}},
	}, nil
}
