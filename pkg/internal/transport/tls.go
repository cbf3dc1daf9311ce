package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
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
	// CAPEM is the content of such a file, instead of CACert.
	CAPEM        []byte
	Verification Verification
	// Host is the name or address that the certificate must be for, needed by
	// VerifyCommonName: a TLS connection to an address does not carry it.
	Host string
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
	if opts.CACert != "" || opts.CAPEM != nil {
		roots, err := readRoots(opts)
		if err != nil {
			return nil, err
		}
		config.RootCAs = roots
	}
	if opts.Verification == VerifyCommonName {
		// Go checks no common names: its own check is replaced, not left out.
		config.InsecureSkipVerify = true // VerifyConnection checks the chain and the name
		config.VerifyConnection = func(state tls.ConnectionState) error {
			return verifyCommonName(state, config.RootCAs, opts.Host, opts.OnCommonName)
		}
	}
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

func readRoots(opts TLSOptions) (*x509.CertPool, error) {
	pem, name := opts.CAPEM, "the PEM text"
	if pem == nil {
		var err error
		if pem, err = os.ReadFile(opts.CACert); err != nil {
			return nil, fmt.Errorf("cannot read the trusted certificates: %w", err)
		}
		name = opts.CACert
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no PEM certificate in it", name)
	}
	return roots, nil
}

// verifyCommonName does what crypto/tls does by default, but for the name: the
// host may stand in the Common Name as well (RFC 2818, section 3.1).
func verifyCommonName(state tls.ConnectionState, roots *x509.CertPool, host string, accepted func(string)) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server sent no certificate")
	}
	leaf := state.PeerCertificates[0]
	fail := func(err error) error {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	intermediates := x509.NewCertPool()
	for _, cert := range state.PeerCertificates[1:] {
		intermediates.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: time.Now()})
	if err != nil {
		return fail(err)
	}
	if err := leaf.VerifyHostname(host); err == nil {
		return nil
	} else if !matchesCommonName(leaf.Subject.CommonName, host) {
		return fail(err)
	}
	if accepted != nil {
		accepted(host)
	}
	return nil
}

// matchesCommonName compares without regard to case; a leading "*." stands for
// exactly one label.
func matchesCommonName(name, host string) bool {
	host = strings.TrimSuffix(host, ".")
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && strings.EqualFold(rest, parent)
	}
	return name != "" && strings.EqualFold(name, host)
}

func hasSAN(cert *x509.Certificate) bool {
	return len(cert.DNSNames)+len(cert.IPAddresses) > 0
}
