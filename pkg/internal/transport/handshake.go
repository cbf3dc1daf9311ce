package transport

import (
	"crypto/x509"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/service"
)

// FIPSReason explains a failed handshake in a program that is limited to FIPS 140-3
// (crypto/fips140.Enabled): the server supports no approved algorithm, or its certificate uses
// another one. It is "" for any other error.
func FIPSReason(err error) string {
	if isAlert(err, 40, 70, 71) { // handshake_failure, protocol_version, insufficient_security
		return "this build of puppet-code offers only FIPS 140-3 algorithms, and the server accepts none of them"
	}
	if is[*service.CertificateError](err) &&
		!is[x509.HostnameError](err) && !is[x509.UnknownAuthorityError](err) && !is[x509.CertificateInvalidError](err) {
		return "this build of puppet-code accepts only FIPS 140-3 algorithms, and the server's certificates use others"
	}
	// crypto/tls has no type for a server without Extended Master Secret.
	if strings.Contains(err.Error(), "FIPS 140-3 requires") {
		return "this build of puppet-code speaks only FIPS 140-3, which requires a server with Extended Master Secret or TLS 1.3"
	}
	return ""
}

// TLSReason explains a server with which this program can't agree on TLS, and says what to change. Both
// are "" for any other error.
func TLSReason(err error) (reason, cure string) {
	switch {
	case isTLSError(err, "local error", 100): // no_renegotiation
		return "the server demands TLS renegotiation, which puppet-code does not support",
			"turn off renegotiation on the server, or on the proxy in front of it. A request for client certificates on single paths is the usual reason."
	case isAlert(err, 40, 70, 71): // handshake_failure, protocol_version, insufficient_security
		return "the server accepts none of the TLS versions and ciphers that puppet-code offers",
			"enable TLS 1.2 or 1.3 on the server, with ECDHE or RSA key exchange and AES. A server that demands a client certificate can refuse in the same way."
	}
	return "", ""
}
