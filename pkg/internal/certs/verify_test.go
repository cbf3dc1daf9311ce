package certs_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

var discard = log.New(io.Discard, "", 0)

// scene is a server and the authorities that a client trusts.
type scene struct {
	cert    tls.Certificate
	trusted []*signer
}

func (s scene) pem() []byte {
	var text []byte
	for _, authority := range s.trusted {
		text = append(text, pemOf("CERTIFICATE", authority.cert.Raw)...)
	}
	return text
}

const (
	printable = asn1.TagPrintableString
	utf8Tag   = asn1.TagUTF8String
)

// respelling is an authority that spells its name differently in its certificates, with a
// certificate that it issued.
func respelling(subject, issuer func(*testing.T) []byte, ca, server func(*x509.Certificate)) func(*testing.T) scene {
	return func(t *testing.T) scene {
		root := authority(t, subject(t), nil, ca)
		root.spelling = issuer(t)
		return scene{leaf(t, root, server), []*signer{root}}
	}
}

func name(parts ...part) func(*testing.T) []byte {
	return func(t *testing.T) []byte { return named(t, parts...) }
}

func ca(tag int) func(*testing.T) []byte { return name(part{commonName, tag, "Puppet CA: primary"}) }

var accepted = map[string]func(*testing.T) scene{
	"the same string":       respelling(ca(printable), ca(printable), nil, nil),
	"PrintableString, UTF8": respelling(ca(printable), ca(utf8Tag), nil, nil),
	"UTF8, PrintableString": respelling(ca(utf8Tag), ca(printable), nil, nil),
	"T61, in Latin-1":       respelling(name(part{commonName, asn1.TagT61String, "Bürger CA"}), name(part{commonName, utf8Tag, "Bürger CA"}), nil, nil),
	"BMP":                   respelling(name(part{commonName, asn1.TagBMPString, "Bürger CA"}), name(part{commonName, utf8Tag, "Bürger CA"}), nil, nil),
	"one of two parts":      respelling(name(part{organization, printable, "ACME"}, part{commonName, printable, "CA"}), name(part{organization, utf8Tag, "ACME"}, part{commonName, printable, "CA"}), nil, nil),
	"beside one that is spelt the same": func(t *testing.T) scene {
		s := respelling(ca(printable), ca(utf8Tag), nil, nil)(t)
		s.trusted = append([]*signer{authority(t, cn(t, utf8Tag, "Puppet CA: primary"), nil, nil)}, s.trusted...)
		return s
	},
	"an intermediate that the server sends": func(t *testing.T) scene {
		root := authority(t, cn(t, printable, "Root"), nil, nil)
		root.spelling = cn(t, utf8Tag, "Root")
		between := authority(t, cn(t, printable, "Between"), root, nil)
		between.spelling = cn(t, utf8Tag, "Between")
		cert := leaf(t, between, nil)
		cert.Certificate = append(cert.Certificate, between.cert.Raw)
		return scene{cert, []*signer{root}}
	},
	"an intermediate in the file": func(t *testing.T) scene {
		root := authority(t, cn(t, printable, "Root"), nil, nil)
		root.spelling = cn(t, utf8Tag, "Root")
		between := authority(t, cn(t, printable, "Between"), root, nil)
		between.spelling = cn(t, utf8Tag, "Between")
		return scene{leaf(t, between, nil), []*signer{between, root}}
	},
	"a constraint that allows it": respelling(ca(printable), ca(utf8Tag), func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"example.com"}
	}, nil),
}

// refusal is a scene that must be refused. If lenient is true, OpenSSL accepts it.
type refusal struct {
	scene   func(*testing.T) scene
	lenient bool
}

var otherSpelling = [2]func(*testing.T) []byte{ca(printable), ca(utf8Tag)}

func with(ca, server func(*x509.Certificate)) refusal {
	return refusal{scene: respelling(otherSpelling[0], otherSpelling[1], ca, server)}
}

func spelt(subject, issuer func(*testing.T) []byte) func(*testing.T) scene {
	return respelling(subject, issuer, nil, nil)
}

var refusals = map[string]refusal{
	"another key": {scene: func(t *testing.T) scene {
		s := respelling(otherSpelling[0], otherSpelling[1], nil, nil)(t)
		s.trusted = []*signer{authority(t, otherSpelling[0](t), nil, nil)}
		return s
	}},
	"another key, by its Common Name as well": {scene: func(t *testing.T) scene {
		impostor := authority(t, otherSpelling[1](t), nil, nil)
		return scene{leaf(t, impostor, nil), []*signer{authority(t, otherSpelling[0](t), nil, nil)}}
	}},
	"a CA that has expired":      with(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, nil),
	"a CA that is not yet valid": with(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, nil),
	"a CA that is none":          with(func(c *x509.Certificate) { c.IsCA = false }, nil),
	"a CA that may not sign":     with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }, nil),
	"a CA for another purpose":   with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, nil),
	"a name that the CA may not sign": with(func(c *x509.Certificate) {
		c.ExcludedDNSDomains = []string{"example.com"}
		c.PermittedDNSDomainsCritical = true
	}, nil),
	"a name outside of the CA's": with(func(c *x509.Certificate) {
		c.PermittedDNSDomains = []string{"example.org"}
		c.PermittedDNSDomainsCritical = true
	}, nil),
	"a leaf that has expired":   with(nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
	"a leaf for another host":   with(nil, func(c *x509.Certificate) { c.DNSNames = []string{"other.example.com"}; c.Subject.CommonName = "other" }),
	"a leaf that is a client's": with(nil, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
	"a path that is too long": {scene: func(t *testing.T) scene {
		root := authority(t, cn(t, printable, "Root"), nil, func(c *x509.Certificate) { c.MaxPathLenZero = true })
		root.spelling = cn(t, utf8Tag, "Root")
		between := authority(t, cn(t, printable, "Between"), root, nil)
		cert := leaf(t, between, nil)
		cert.Certificate = append(cert.Certificate, between.cert.Raw)
		return scene{cert, []*signer{root}}
	}},
	"another text":               {scene: spelt(name(part{commonName, printable, "Puppet CA"}), name(part{commonName, utf8Tag, "Puppet CB"}))},
	"another attribute":          {scene: spelt(name(part{commonName, printable, "CA"}), name(part{organization, utf8Tag, "CA"}))},
	"another order":              {scene: spelt(name(part{organization, printable, "A"}, part{commonName, printable, "B"}), name(part{commonName, utf8Tag, "B"}, part{organization, utf8Tag, "A"}))},
	"one more part":              {scene: spelt(name(part{commonName, printable, "B"}), name(part{commonName, utf8Tag, "B"}, part{organization, utf8Tag, "A"}))},
	"another case":               {scene: spelt(name(part{commonName, printable, "Puppet CA"}), name(part{commonName, utf8Tag, "puppet ca"})), lenient: true},
	"two blanks in place of one": {scene: spelt(name(part{commonName, printable, "Puppet CA"}), name(part{commonName, utf8Tag, "Puppet  CA"})), lenient: true},
}

func TestAcceptedCertificates(t *testing.T) {
	for name, make := range accepted {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := make(t)
			address := serve(t, s.cert)
			for _, byName := range []bool{false, true} {
				if err := dial(t, address, s.verifier(t, byName)); err != nil {
					t.Errorf("refused (Common Name %t): %v", byName, err)
				}
			}
			testneeds.Program(t, "curl")
			if !curl(t, address, s.pem()) {
				t.Error("curl refuses it")
			}
		})
	}
}

func TestRefusedCertificates(t *testing.T) {
	for name, r := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := r.scene(t)
			address := serve(t, s.cert)
			for _, byName := range []bool{false, true} {
				err := dial(t, address, s.verifier(t, byName))
				if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
					t.Errorf("not refused (Common Name %t): %v", byName, err)
				}
			}
			testneeds.Program(t, "curl")
			if curl(t, address, s.pem()) != r.lenient {
				t.Errorf("curl accepts it: %t, expected %t", !r.lenient, r.lenient)
			}
		})
	}
}

func (s scene) verifier(t *testing.T, byName bool) certs.Verifier {
	t.Helper()
	trusted, err := certs.Parse(s.pem(), "ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	return certs.Verifier{Trusted: trusted, Host: host, CommonName: byName}
}

func TestCommonName(t *testing.T) {
	for _, test := range []struct {
		name, host string
		ok         bool
	}{
		{host, host, true},
		{"Primary.Example.COM", host, true},
		{host, host + ".", true},
		{"*.example.com", host, true},
		{"*.example.com", "a.primary.example.com", false},
		{"*.example.com", "example.com", false},
		{"other.example.com", host, false},
		{"", host, false},
	} {
		root := authority(t, cn(t, printable, "CA"), nil, nil)
		cert := leaf(t, root, func(c *x509.Certificate) { c.Subject.CommonName, c.DNSNames = test.name, nil })
		parsed, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		v := scene{cert, []*signer{root}}.verifier(t, true)
		v.Host, v.OnCommonName = test.host, func(host string) { said = append(said, host) }
		state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{parsed}}
		err = v.VerifyConnection(state)
		if (err == nil) != test.ok || test.ok != (strings.Join(said, " ") == test.host) {
			t.Errorf("%q for %q: %v, said %q", test.name, test.host, err, said)
		}
		v.CommonName = false
		if err := v.VerifyConnection(state); err == nil {
			t.Errorf("%q for %q is accepted without being asked for", test.name, test.host)
		}
	}
}

// A missing host and a server without a certificate are errors.
func TestMissingHostOrCertificateIsAnError(t *testing.T) {
	s := accepted["the same string"](t)
	v := s.verifier(t, true)
	if err := v.VerifyConnection(tls.ConnectionState{}); err == nil {
		t.Error("no certificate is accepted")
	}
	parsed, err := x509.ParseCertificate(s.cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	v.Host = ""
	if err := v.VerifyConnection(tls.ConnectionState{PeerCertificates: []*x509.Certificate{parsed}}); err == nil {
		t.Error("no host is accepted")
	}
}
