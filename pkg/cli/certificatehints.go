package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// certificateHints show the certificate, the trusted authorities, and what to do.
func certificateHints(err *codemanager.CertificateError) []string {
	trusted := err.Trusted
	if trusted == "" {
		trusted = "the system's authorities"
	}
	lines := []string{"Trusted: " + trusted}
	if cert := err.Certificate; cert != nil {
		const day = "2006-01-02 15:04:05 MST"
		lines = append(lines,
			"The certificate is for: "+certificateNames(cert),
			"Issued by: "+cert.Issuer.String(),
			fmt.Sprintf("Valid: from %s until %s", cert.NotBefore.UTC().Format(day), cert.NotAfter.UTC().Format(day)),
		)
	}
	return append(lines, "What to do: "+certificateAdvice(err))
}

func certificateNames(cert *x509.Certificate) string {
	list := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		if text := ip.String(); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		return cert.Subject.CommonName + " (common name only)"
	}
	return names(list)
}

func certificateAdvice(err *codemanager.CertificateError) string {
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &authority):
		return "use --cacert with the CA certificate of this Puppet installation, usually /etc/puppetlabs/puppet/ssl/certs/ca.pem on the primary."
	case errors.As(err, &hostname) && err.NoSAN():
		return "use --use-cn-verification, or regenerate the certificate with subject alternative names."
	case errors.As(err, &hostname):
		return "use one of these names in the service URL, or regenerate the certificate with the name " + err.Host + "."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "renew the certificate on the primary, or correct the clock of this machine."
	default:
		return "regenerate the certificate on the primary."
	}
}
