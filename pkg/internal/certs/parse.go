// Package certs reads trusted certificates and verifies the certificates of servers, by the rules
// of OpenSSL, which curl and Puppet use.
package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// Parse reads the certificates of a PEM file; file is its name in the error. Everything else in it,
// such as revocation lists and keys, is ignored. A certificate that cannot be read is an error.
func Parse(text []byte, file string) ([]*x509.Certificate, error) {
	list, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("the file of trusted certificates %s %w", file, err)
	}
	return list, nil
}

func parse(text []byte) (list []*x509.Certificate, err error) {
	if text, err = textfile.UTF8(text); err != nil {
		return nil, err
	}
	if bytes.Contains(text, []byte("-----BEGIN TRUSTED CERTIFICATE-----")) {
		return nil, errors.New("contains a certificate with OpenSSL's trust settings: convert it with openssl x509")
	}
	begun, lines := 0, append([]byte("\n"), text...)
	for _, label := range []string{"CERTIFICATE", "X509 CERTIFICATE"} { // old versions of OpenSSL write the second
		begun += bytes.Count(lines, []byte("\n-----BEGIN "+label+"-----"))
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" && block.Type != "X509 CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("contains a certificate that cannot be read: %s", strings.TrimPrefix(err.Error(), "x509: "))
		}
		list = append(list, cert)
	}
	_, notDER := x509.ParseCertificate(text)
	switch {
	case notDER == nil:
		return nil, errors.New("contains a certificate in DER, not in PEM: convert it with openssl x509 -inform DER")
	case len(list) < begun: // pem.Decode skips what it can't read
		return nil, errors.New("contains a certificate that is damaged or not complete")
	case len(list) == 0:
		return nil, errors.New("contains no PEM certificate")
	}
	return list, nil
}

func poolOf(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, cert := range certs {
		pool.AddCert(cert)
	}
	return pool
}
