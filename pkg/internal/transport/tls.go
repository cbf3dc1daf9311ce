package transport

import (
	"crypto/tls"
	"fmt"
	"os"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
)

// Verification is how a server's certificate is checked.
type Verification int

const (
	// VerifyHost checks the chain and the subject alternative names. The default.
	VerifyHost Verification = iota
	// VerifyCommonName checks the chain, and also accepts a host in the Common Name, for
	// certificates from before names had to be in the subject alternative names.
	VerifyCommonName
	// VerifyNothing accepts any certificate.
	VerifyNothing
)

// TLSOptions are the options for verifying servers.
type TLSOptions struct {
	// CACert is a PEM file of trusted authorities. CRLs and keys in it are ignored. Empty means the
	// system's authorities.
	CACert string
	// CAPEM is the content of such a file. If it is set, CACert is only its name in messages.
	CAPEM        []byte
	Verification Verification
	// Host is the name or address that the certificate must contain: TLS does not transmit an
	// address.
	Host string
	// OnWarning is called for each certificate of CACert or CAPEM that can't be read, if others can.
	// May be nil.
	OnWarning func(warning string)
	// OnCommonName is called when VerifyCommonName accepts a certificate only because of its Common
	// Name. May be nil.
	OnCommonName func(host string)
}

// NewTLSConfig makes the configuration for connections to Puppet's services: TLS 1.2 or later, and
// HTTP/1.1. A server that requires HTTP/2 refuses before anything is sent. Errors: CACert cannot be
// read, or has no certificate.
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
	// The default check is replaced: Go does not support Common Names, and compares the names of
	// authorities byte by byte.
	config.InsecureSkipVerify = true // VerifyConnection checks the chain and the name
	config.VerifyConnection = certs.Verifier{
		Trusted: trusted, Host: opts.Host,
		CommonName: opts.Verification == VerifyCommonName, OnCommonName: opts.OnCommonName,
	}.VerifyConnection
	return config, nil
}

// cipherSuites are Go's own for TLS 1.2, followed by the only ones of Code Manager until PE 2017.2
// (trapperkeeper-webserver-jetty9 before 2.0): AES with RSA key exchange. They have no forward
// secrecy, and are used only if a server offers nothing better. Those with SHA-256 are left out,
// because Go does not protect them against Lucky Thirteen.
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
