package service

import (
	"crypto/x509"
	"errors"
	"fmt"
)

// CertificateError is a server certificate that could not be verified. It comes inside a
// ConnectionError.
type CertificateError struct {
	// Host is the host in the base URL.
	Host string
	// Certificate is the server's certificate, nil if it sent no certificate.
	Certificate *x509.Certificate
	Err         error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("the certificate of %s could not be verified: %v", e.Host, e.reason())
}

func (e *CertificateError) Unwrap() error { return e.Err }

// NoSAN reports whether the certificate names its host only in the Common Name, as certificates of
// old Puppet versions do.
func (e *CertificateError) NoSAN() bool {
	return e.Certificate != nil && len(e.Certificate.DNSNames)+len(e.Certificate.IPAddresses) == 0
}

// reason is Err without the prefixes of Go packages.
func (e *CertificateError) reason() error {
	invalid, _ := errors.AsType[x509.CertificateInvalidError](e.Err)
	switch {
	case e.NoSAN() && is[x509.HostnameError](e.Err):
		return errors.New("it has no subject alternative names, only a common name")
	case is[x509.HostnameError](e.Err):
		return errors.New("it is for another host")
	case is[x509.UnknownAuthorityError](e.Err):
		return errors.New("it is not signed by a trusted authority")
	case invalid.Reason == x509.Expired:
		return errors.New("it has expired or is not yet valid")
	default:
		return e.Err
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
