package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/service"
)

func TestFIPSReason(t *testing.T) {
	const (
		algorithms   = "this build of puppet-code offers only FIPS 140-3 algorithms, and the server accepts none of them"
		certificates = "this build of puppet-code accepts only FIPS 140-3 algorithms, and the server's certificates use others"
		secret       = "this build of puppet-code speaks only FIPS 140-3, which requires a server with Extended Master Secret or TLS 1.3"
	)
	verification := func(err error) error {
		return &service.CertificateError{Err: err}
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no common cipher":           {handshake(t, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}), algorithms},
		"no common version":          {handshake(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}), algorithms},
		"an unapproved certificate":  {verification(errors.New("tls: no FIPS compatible certificate chains found")), certificates},
		"no extended master secret":  {fmt.Errorf("a POST: %w", errors.New("tls: FIPS 140-3 requires the use of Extended Master Secret")), secret},
		"another host":               {verification(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "a"}), ""},
		"another authority":          {verification(x509.UnknownAuthorityError{}), ""},
		"expired":                    {verification(x509.CertificateInvalidError{Reason: x509.Expired}), ""},
		"a certificate is asked for": {handshake(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert}), ""},
		"closed":                     {io.EOF, ""},
	} {
		if got := transport.FIPSReason(test.err); got != test.want {
			t.Errorf("%s: %q for %v, want %q", name, got, test.err, test.want)
		}
	}
}

// handshake returns the error of a client like ours that calls a server with
// this configuration.
func handshake(t *testing.T, config *tls.Config) error {
	t.Helper()
	server := serverOf(t, config)
	client := server.Client()
	settings := client.Transport.(*http.Transport).TLSClientConfig
	settings.MinVersion = tls.VersionTLS12
	settings.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	response, err := client.Get(server.URL)
	if err == nil {
		response.Body.Close()
		t.Fatal("the handshake succeeded")
	}
	return err
}

// A server that demands renegotiation, as for client certificates on single paths, or offers nothing
// that we accept, is not a wrong service URL.
func TestTLSReason(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"only 3DES":     {handshake(t, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}), "accepts none of the TLS versions and ciphers"},
		"only TLS 1.1":  {handshake(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}), "accepts none of the TLS versions and ciphers"},
		"renegotiation": {&net.OpError{Op: "local error", Err: tls.AlertError(100)}, "demands TLS renegotiation"},
		"closed":        {io.EOF, ""},
	} {
		reason, cure := transport.TLSReason(test.err)
		if !strings.Contains(reason, test.want) || (reason == "") != (test.want == "") || (cure == "") != (test.want == "") {
			t.Errorf("%s: %v: %q, %q", name, test.err, reason, cure)
		}
	}
}
