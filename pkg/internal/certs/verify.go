package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
)

// Verifier checks the certificate of a server.
type Verifier struct {
	// Trusted are the authorities, nil for those of the system.
	Trusted []*x509.Certificate
	// File is the file that they come from, for errors.
	File string
	// Host is the name or the address that the certificate must contain. TLS does not transmit an
	// address.
	Host string
	// CommonName accepts the host in the Common Name as well (RFC 2818, section
	// 3.1): for certificates made before names had to be in the subject
	// alternative names.
	CommonName bool
	// OnCommonName is called if only the Common Name contains the host. May be nil.
	OnCommonName func(host string)
}

// Config is a configuration that verifies servers with VerifyConnection, in place of the default
// check: Go does not support Common Names, and compares the names of authorities byte by byte.
func (v Verifier) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: v.VerifyConnection} //nolint:gosec // VerifyConnection verifies
}

// VerifyConnection checks the same as crypto/tls by default, except for CommonName, and for names
// of authorities that differ from the issuer's only in the types of their strings. Errors are
// *tls.CertificateVerificationError.
func (v Verifier) VerifyConnection(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server sent no certificate")
	}
	if err := v.verify(state.PeerCertificates); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: &Error{File: v.File, Err: err}}
	}
	return nil
}

// Error is the reason why a certificate could not be verified.
type Error struct {
	// File has the trusted authorities, "" for those of the system.
	File string
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

func (v Verifier) verify(chain []*x509.Certificate) error {
	if v.Host == "" {
		return errors.New("there is no host to verify the certificate for")
	}
	if err := v.verifyChain(chain); err != nil {
		return err
	}
	leaf := chain[0]
	err := leaf.VerifyHostname(v.Host)
	if err == nil || !v.CommonName || !matchesCommonName(leaf.Subject.CommonName, v.Host) {
		return err
	}
	if v.OnCommonName != nil {
		v.OnCommonName(v.Host)
	}
	return nil
}

// verifyChain uses the standard library. If that finds no authority, it tries again with
// authorities whose name differs from the issuer's only in the types of strings, spelt as the
// issuer.
func (v Verifier) verifyChain(chain []*x509.Certificate) error {
	leaf, between := chain[0], chain[1:]
	opts := x509.VerifyOptions{Intermediates: poolOf(between)}
	if v.Trusted != nil {
		opts.Roots = poolOf(v.Trusted)
	}
	_, err := leaf.Verify(opts)
	var unknown x509.UnknownAuthorityError
	if v.Trusted == nil || !errors.As(err, &unknown) {
		return err
	}
	roots, changed := respelt(v.Trusted, chain)
	intermediates, changedToo := respelt(between, chain)
	if !changed && !changedToo {
		return err
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: poolOf(roots), Intermediates: poolOf(intermediates)})
	return err
}

// respelt returns the authorities for the second try: if a subject differs from an issuer in the
// chain only in the types of its strings, a copy with that issuer as its subject. The key, the
// dates, the constraints and the purposes stay the same.
func respelt(authorities, chain []*x509.Certificate) (list []*x509.Certificate, changed bool) {
	for _, authority := range authorities {
		for _, issued := range chain {
			subject, issuer := authority.RawSubject, issued.RawIssuer
			if string(subject) != string(issuer) && sameName(subject, issuer) {
				spelt := *authority
				spelt.RawSubject = issuer
				authority, changed = &spelt, true
				break
			}
		}
		list = append(list, authority)
	}
	return list, changed
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
