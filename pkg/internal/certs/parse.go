// Package certs reads trusted certificates and verifies the certificates of servers, by the rules
// of OpenSSL, which curl and Puppet use.
package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// Pool has the trusted certificates of a file. A nil Pool means those of the system.
type Pool struct{ certs []*x509.Certificate }

// Roots are the certificates for the standard library, nil for a nil Pool.
func (p *Pool) Roots() *x509.CertPool {
	if p == nil {
		return nil
	}
	return poolOf(p.certs)
}

func poolOf(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, cert := range certs {
		pool.AddCert(cert)
	}
	return pool
}

// Parse reads the certificates of a PEM file; name is the file's in the warnings and the error.
// Everything else in it, such as revocation lists and keys, is ignored. There is a warning for each
// ignored certificate. Errors: the file is UTF-16, or has no certificate that can be read.
func Parse(text []byte, name string) (pool *Pool, warnings []string, err error) {
	text, err = textfile.UTF8(text)
	if err != nil {
		return nil, nil, fmt.Errorf("the file of trusted certificates %s %w", name, err)
	}
	pool = &Pool{}
	for _, b := range blocks(text) {
		cert, err := b.certificate()
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("the certificate in line %d of %s is left out: %v", b.line, name, err))
			continue
		}
		pool.certs = append(pool.certs, cert)
	}
	_, notDER := x509.ParseCertificate(text)
	switch {
	case len(pool.certs) > 0:
		return pool, warnings, nil
	case len(warnings) > 0:
		return nil, nil, fmt.Errorf("%s contains no usable PEM certificate: %s", name, strings.Join(warnings, "; "))
	case notDER == nil:
		return nil, nil, fmt.Errorf("%s contains a certificate in DER, not in PEM: convert it with openssl x509 -inform DER -in %s", name, name)
	default:
		return nil, nil, fmt.Errorf("%s contains no PEM certificate", name)
	}
}

// labels are the PEM labels of certificates. OpenSSL writes the second for a certificate with trust
// settings; old versions wrote the third.
var labels = []string{"CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"}

const begin = "-----BEGIN "

// block is a PEM block of a certificate, possibly damaged.
type block struct {
	label string
	// line is the number of its first line, from 1.
	line int
	text []byte
}

// blocks are the blocks of certificates, each up to the beginning of the next block. pem.Decode
// alone would silently skip a damaged one.
func blocks(text []byte) []block {
	var list []block
	line := 0
	for i, part := range strings.Split("\n"+string(text), "\n"+begin) {
		label, _, ok := strings.Cut(part, "-----")
		if i > 0 && ok && slices.Contains(labels, label) {
			list = append(list, block{label, line, []byte(begin + part + "\n")})
		}
		line += 1 + strings.Count(part, "\n")
	}
	return list
}

// certificate parses the certificate in the block.
func (b block) certificate() (*x509.Certificate, error) {
	decoded, _ := pem.Decode(b.text)
	if decoded == nil {
		return nil, errors.New("the PEM block is damaged or not complete")
	}
	var first asn1.RawValue
	rest, err := asn1.Unmarshal(decoded.Bytes, &first)
	if err != nil {
		return nil, errors.New("it is damaged or not complete")
	}
	if b.label == "TRUSTED CERTIFICATE" {
		if err := checkTrust(rest); err != nil {
			return nil, err
		}
	} else if len(rest) > 0 {
		return nil, errors.New("there is data after it in its PEM block")
	}
	cert, err := x509.ParseCertificate(first.FullBytes)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "x509: "))
	}
	return cert, nil
}

// trust has OpenSSL's trust settings after a certificate: the purposes for which it is trusted or
// rejected.
type trust struct {
	Trusted  []asn1.ObjectIdentifier `asn1:"optional"`
	Rejected []asn1.ObjectIdentifier `asn1:"optional,tag:0"`
	Alias    string                  `asn1:"optional,utf8"`
	KeyID    []byte                  `asn1:"optional"`
	Other    asn1.RawValue           `asn1:"optional,tag:1"`
}

var (
	serverAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	anyPurpose = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
)

// checkTrust refuses a certificate that is not trusted for servers.
func checkTrust(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	var settings trust
	if rest, err := asn1.Unmarshal(data, &settings); err != nil || len(rest) > 0 {
		return errors.New("its trust settings can't be read")
	}
	forServers := func(list []asn1.ObjectIdentifier) bool {
		return slices.ContainsFunc(list, func(id asn1.ObjectIdentifier) bool { return id.Equal(serverAuth) || id.Equal(anyPurpose) })
	}
	if forServers(settings.Rejected) || settings.Trusted != nil && !forServers(settings.Trusted) {
		return errors.New("its trust settings don't allow it for servers")
	}
	return nil
}
