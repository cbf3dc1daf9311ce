package cli

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/service"
)

// How a machine gets to know the authority of a Puppet installation. Nothing protects the first
// request for it, so that request carries no secret, and the answer counts only if a person or
// --ca-fingerprint confirms the fingerprint.

const (
	// maxAuthorities is the maximum size of the CA's answer in bytes. Puppet's are some 4 kB.
	maxAuthorities = 64 << 10
	// firstTimeout limits each unverified request.
	firstTimeout = 10 * time.Second
)

// unverified makes a client for a server that can't be verified yet. It has no token, not even that
// of the environment, and follows no redirects. Seen gets the certificates of the server; an error
// ends the connection before a request is sent.
func (a *app) unverified(address string, seen func(tls.ConnectionState) error) (*transport.Client, error) {
	client, err := transport.New(service.Options{
		BaseURL:     address,
		TLS:         &tls.Config{InsecureSkipVerify: true, VerifyConnection: seen}, //nolint:gosec // see above
		LookupEnv:   a.sys.LookupEnv,
		UserAgent:   "puppet-code/" + a.sys.Build.Version,
		Logger:      a.logger(),
		ReadTimeout: firstTimeout,
	})
	return client, wrongUsage(err)
}

// serverCertificates are the certificates that a server presents. No request is sent.
func (a *app) serverCertificates(ctx context.Context, address string) (chain []*x509.Certificate, err error) {
	client, err := a.unverified(address, func(state tls.ConnectionState) error {
		chain = state.PeerCertificates
		return errors.New("the certificates are known now")
	})
	if err != nil {
		return nil, err
	}
	_, err = client.Do(ctx, transport.Request{Method: http.MethodGet})
	if len(chain) > 0 {
		return chain, nil
	}
	return nil, fromServer(err)
}

// systemTrusts reports whether the authorities of the system vouch for certificates. Whether they are
// those of the right host does not matter here.
func systemTrusts(chain []*x509.Certificate) bool {
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Intermediates: between})
	return err == nil
}

// fetchAuthorities gets the certificates of Puppet's CA, without verifying who answers.
func (a *app) fetchAuthorities(ctx context.Context, address string) ([]*x509.Certificate, error) {
	client, err := a.unverified(address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(ctx, transport.Request{
		Method: http.MethodGet, Accept: "text/plain", MaxBody: maxAuthorities,
	})
	if err != nil {
		return nil, untrusted(fmt.Errorf("cannot get the authority: %s", message(err)))
	}
	list, err := certs.Parse(response.Body, address)
	if err != nil {
		return nil, untrusted(err)
	}
	return list, nil
}

// issuerOf is the authority that signed a server's certificate, nil if none of the candidates did.
// The others are of no use, and an attacker could have added one to the genuine ones.
func issuerOf(leaf *x509.Certificate, candidates []*x509.Certificate, now time.Time) *x509.Certificate {
	at := slices.IndexFunc(candidates, func(c *x509.Certificate) bool {
		return c.BasicConstraintsValid && c.IsCA && now.After(c.NotBefore) && now.Before(c.NotAfter) && leaf.CheckSignatureFrom(c) == nil
	})
	if at < 0 {
		return nil
	}
	return candidates[at]
}

// fingerprint is the SHA-256 of a certificate, as openssl shows it: 3F:A2:…
func fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return withColons(sum[:])
}

func withColons(sum []byte) string { return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":") }

// fingerprintOf is a fingerprint from the command line in the form of fingerprint. Colons and upper
// and lower case do not matter.
func fingerprintOf(text string) (string, error) {
	sum, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil || len(sum) != sha256.Size {
		return "", fmt.Errorf("--ca-fingerprint must be a SHA-256 fingerprint, which has %d hexadecimal digits", 2*sha256.Size)
	}
	return withColons(sum), nil
}

// compareWith is the command that shows the genuine fingerprint.
const compareWith = "openssl x509 -noout -fingerprint -sha256 -in /etc/puppetlabs/puppet/ssl/certs/ca.pem"

// untrusted is the error for an authority that could not be found or was not confirmed.
func untrusted(err error) error {
	return &exitError{err: err, status: ExitConnection, advice: []string{"Nothing is saved."}}
}
