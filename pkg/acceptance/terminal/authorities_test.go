//go:build unix

package terminal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// certificate makes a certificate from a template, signed by a parent, or by itself without one.
func certificate(t *testing.T, template x509.Certificate, parent *x509.Certificate, signer *ecdsa.PrivateKey) (cert *x509.Certificate, key *ecdsa.PrivateKey, text string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore = big.NewInt(time.Now().UnixNano()), time.Now().Add(-2*time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	if parent == nil {
		parent, signer = &template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// authority is the template of an authority.
func authority(name string) x509.Certificate {
	return x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
}

// node is the certificate of a host, by an authority.
func node(t *testing.T, host string, ca *x509.Certificate, key *ecdsa.PrivateKey) *tls.Config {
	t.Helper()
	leaf, leafKey, _ := certificate(t, x509.Certificate{DNSNames: []string{host}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, ca, key)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: leafKey}}, MinVersion: tls.VersionTLS12}
}

// TestAnswersOfTheCA: exactly one authority of the answer is trusted and saved, the one that issued
// the certificate of the services.
func TestAnswersOfTheCA(t *testing.T) {
	t.Parallel()
	certificates, signer, root := puppet(t)
	_, _, foreign := certificate(t, authority("Puppet CA: "+primaryName), nil, nil)
	leaf := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificates.Certificates[0].Certificate[0]}))
	m := startNewMachine(t, certificates)
	args := []string{"login", "--server", primaryName, sandbox.UserName, "--password-stdin", "--ca-fingerprint", fingerprintOf(signer)}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string // in the error
	}{
		"HTML":                       {sends(200, "<html>log in</html>"), "contains no PEM certificate"},
		"nothing":                    {sends(200, ""), "contains no PEM certificate"},
		"a refusal":                  {sends(403, "Forbidden request"), "cannot get the authority: [GET ][403] Forbidden"},
		"too much":                   {sends(200, signer+strings.Repeat(" x\n", 64<<10)+signer), "more than 64 kB"},
		"a redirect":                 {http.RedirectHandler("https://elsewhere.example.com/", http.StatusFound).ServeHTTP, "redirects are not followed"},
		"the host's own certificate": {sends(200, leaf), "no valid authority from https://" + primaryName + ":8140/puppet-ca/v1/certificate/ca has issued the certificate of "},
		"a foreign authority":        {sends(200, foreign), "no valid authority from "},
		"the root alone":             {sends(200, root), "no valid authority from "},
	} {
		m.ca = test.answer
		if said := m.run(5, args...); !strings.Contains(said, test.want) || !strings.HasSuffix(said, "\nNothing is saved.\n") {
			t.Errorf("%s: %s, want %q", name, said, test.want)
		}
		m.wantNothing()
	}
	for name, answer := range map[string]string{
		"as Puppet answers": signer + root, "the root first": root + signer, "one": signer,
		"a foreign one behind": signer + root + foreign, "a foreign one first": foreign + signer, "text between": "CA\n" + foreign + "\ntext\n" + signer,
	} {
		m := startNewMachine(t, certificates)
		m.ca = sends(http.StatusOK, answer)
		if m.run(0, args...); m.saved()["ca.pem"] != signer {
			t.Errorf("%s: saved %q", name, m.saved()["ca.pem"])
		}
	}
}

// TestServicesThatAreNotVerified: what is wrong with a service is said before the password is sent.
func TestServicesThatAreNotVerified(t *testing.T) {
	t.Parallel()
	right, rightKey, rightPEM := certificate(t, authority("Puppet CA"), nil, nil)
	old := authority("Puppet CA")
	old.NotAfter = time.Now().Add(-time.Hour)
	expired, expiredKey, expiredPEM := certificate(t, old, nil, nil)
	for name, test := range map[string]struct {
		certificates   *tls.Config
		authority      string
		health, tokens http.HandlerFunc
		status         int
		want           string
	}{
		"an expired authority":     {node(t, primaryName, expired, expiredKey), expiredPEM, nil, nil, 5, "no valid authority from "},
		"another host's name":      {node(t, "other.example.com", right, rightKey), rightPEM, nil, nil, 5, "What to do: use one of these names in the service URL"},
		"another service, HTML":    {node(t, primaryName, right, rightKey), rightPEM, sends(200, "<html>"), nil, 1, "returned HTTP 200, but not a valid response"},
		"another service, 404":     {node(t, primaryName, right, rightKey), rightPEM, sends(404, "no"), nil, 1, "What to do: "},
		"another token service":    {node(t, primaryName, right, rightKey), rightPEM, nil, sends(404, "no"), 1, "What to do: check the URL of the token service"},
		"a token service of HTML":  {node(t, primaryName, right, rightKey), rightPEM, nil, sends(200, "<html>"), 1, "What to do: check the URL of the token service"},
		"a token service for all":  {node(t, primaryName, right, rightKey), rightPEM, nil, sends(200, `{"login":"x"}`), 1, "the token service answers without a token"},
		"a token service with 503": {node(t, primaryName, right, rightKey), rightPEM, nil, sends(503, "no"), 1, "check that the console is up"},
	} {
		m := startNewMachine(t, test.certificates)
		m.ca, m.health, m.tokens = sends(http.StatusOK, test.authority), test.health, test.tokens
		said := m.run(test.status, "login", "--server", primaryName, sandbox.UserName, "--password-stdin", "--retries", "0", "--ca-fingerprint", fingerprintOf(test.authority))
		if !strings.Contains(said, test.want) {
			t.Errorf("%s: %s, want %q", name, said, test.want)
		}
		m.wantNothing()
	}
}

// TestAnotherAuthority is an attack with an own authority in place of the genuine one, after that
// was saved: it is never asked about, and never downloaded.
func TestAnotherAuthority(t *testing.T) {
	t.Parallel()
	_, _, genuine := certificate(t, authority("Puppet CA"), nil, nil)
	own, key, ownPEM := certificate(t, authority("Puppet CA"), nil, nil)
	m := startNewMachine(t, node(t, primaryName, own, key))
	m.ca = sends(http.StatusOK, ownPEM)
	m.keep("ca.pem", genuine)
	said := m.run(5, "login", "--server", primaryName, sandbox.UserName, "--password-stdin")
	if !strings.Contains(said, "it is not signed by a trusted authority") || m.saved()["ca.pem"] != genuine || m.requests.String() != "" {
		t.Errorf("%s\n%s", said, m.requests.String())
	}
}

// TestHostileSubject: the fingerprint stands alone on its line, whatever the subject is.
func TestHostileSubject(t *testing.T) {
	t.Parallel()
	ca, key, text := certificate(t, authority("x\x1b[2J\r\n  SHA-256: 00:00\u202e"+strings.Repeat("y", 500)), nil, nil)
	m := startNewMachine(t, node(t, primaryName, ca, key))
	m.ca = sends(http.StatusOK, text)
	p := sitDownWith(t, m.env, "login", "--server", primaryName)
	p.sees("\r\n  SHA-256: " + fingerprintOf(text) + "\r\nTrust it? [y/N] ")
	p.types("n\r")
	p.ends(5)
	shown := p.screen.String()
	if strings.Count(shown, "\n  SHA-256: ") != 1 || strings.ContainsAny(shown, "\x1b\u202e") || strings.Contains(shown, strings.Repeat("y", 101)) {
		t.Errorf("shown: %q", shown)
	}
}
