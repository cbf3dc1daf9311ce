package transport

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
)

// Verification is how a server's certificate is checked.
type Verification int

const (
	// VerifyHost checks the chain and the subject alternative names. The default.
	VerifyHost Verification = iota
	// VerifyCommonName checks the chain, and accepts a host that stands in the
	// Common Name too: for certificates made before names had to be in the
	// subject alternative names.
	VerifyCommonName
	// VerifyNothing accepts any certificate.
	VerifyNothing
)

// TLSOptions say whom to trust.
type TLSOptions struct {
	// CACert is a PEM file of trusted authorities. CRLs and keys in it are
	// passed over. Empty means the system's authorities.
	CACert string
	// CAPEM is the content of such a file. If it is given, CACert is its name in messages alone.
	CAPEM        []byte
	Verification Verification
	// Host is the name or address that the certificate must be for: a TLS connection to an address
	// does not carry it.
	Host string
	// OnWarning is called for each certificate of CACert or CAPEM that can't be read, if others can.
	// May be nil.
	OnWarning func(warning string)
	// OnCommonName is called when VerifyCommonName accepted a certificate by
	// nothing but its Common Name. May be nil.
	OnCommonName func(host string)
}

// NewTLSConfig makes the configuration for connections to Puppet's services:
// TLS 1.2 at least, for HTTP/1.1: a server that speaks HTTP/2 only says so before
// anything is sent. Errors: CACert cannot be read, or has no certificate.
func NewTLSConfig(opts TLSOptions) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: cipherSuites(), NextProtos: []string{"http/1.1"}}
	if opts.Verification == VerifyNothing {
		config.InsecureSkipVerify = true // what --insecure asks for, on the command line only
		return config, nil
	}
	trusted, err := readTrusted(opts)
	if err != nil {
		return nil, err
	}
	if trusted == nil && opts.Verification == VerifyHost {
		return config, nil // the system's own check
	}
	// The default check is replaced, not left out: Go's knows no Common Names, and compares the names
	// of authorities byte by byte.
	config.InsecureSkipVerify = true // VerifyConnection checks the chain and the name
	config.VerifyConnection = certs.Verifier{
		Trusted: trusted, Host: opts.Host,
		CommonName: opts.Verification == VerifyCommonName, OnCommonName: opts.OnCommonName,
	}.VerifyConnection
	return config, nil
}

// cipherSuites are Go's own for TLS 1.2 and, after them, those that Code Manager
// knew alone until PE 2017.2 (trapperkeeper-webserver-jetty9 before 2.0): AES
// with RSA key exchange. It has no forward secrecy, and comes to be used only
// where a server offers nothing better. Those with SHA-256, which Go does not
// guard against Lucky Thirteen, are not among them.
func cipherSuites() []uint16 {
	var ids []uint16
	for _, suite := range tls.CipherSuites() {
		ids = append(ids, suite.ID)
	}
	return append(ids,
		tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA)
}

// readTrusted reads the trusted certificates: nil for the system's.
func readTrusted(opts TLSOptions) (*certs.Pool, error) {
	text, name := opts.CAPEM, opts.CACert
	switch {
	case text == nil && name == "":
		return nil, nil
	case text == nil:
		var err error
		if text, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("cannot read the trusted certificates: %w", err)
		}
	case name == "":
		name = "the PEM text"
	}
	trusted, warnings, err := certs.Parse(text, name)
	for _, warning := range warnings {
		if opts.OnWarning != nil {
			opts.OnWarning(warning)
		}
	}
	return trusted, err
}

func hasSAN(cert *x509.Certificate) bool {
	return len(cert.DNSNames)+len(cert.IPAddresses) > 0
}
