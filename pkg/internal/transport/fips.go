package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
)

// FIPSReason explains a failed handshake in a program that is limited to FIPS 140-3
// (crypto/fips140.Enabled): the server supports no approved algorithm, or its certificate uses
// another one. It is "" for any other error.
func FIPSReason(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" && isNoCommonAlgorithm(op.Err) {
		return "this build of puppet-code offers only FIPS 140-3 algorithms, and the server accepts none of them"
	}
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok &&
		!errors.As(cert, &hostname) && !errors.As(cert, &authority) && !errors.As(cert, &invalid) {
		return "this build of puppet-code accepts only FIPS 140-3 algorithms, and the server's certificates use others"
	}
	// crypto/tls has no type for a server without Extended Master Secret.
	if strings.Contains(err.Error(), "FIPS 140-3 requires") {
		return "this build of puppet-code speaks only FIPS 140-3, which requires a server with Extended Master Secret or TLS 1.3"
	}
	return ""
}

// isNoCommonAlgorithm recognises the alerts of RFC 8446, section 6.2, with which a server refuses
// everything that was offered: handshake_failure, protocol_version, insufficient_security. The type
// that crypto/tls returns is not exported.
func isNoCommonAlgorithm(alert error) bool {
	for _, number := range []tls.AlertError{40, 70, 71} {
		if alert.Error() == number.Error() {
			return true
		}
	}
	return false
}
