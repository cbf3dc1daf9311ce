package certs_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// trustSettings are those of openssl x509 -trustout.
type trustSettings struct {
	Trusted  []asn1.ObjectIdentifier `asn1:"optional,omitempty"`
	Rejected []asn1.ObjectIdentifier `asn1:"optional,omitempty,tag:0"`
	Alias    string                  `asn1:"optional,omitempty,utf8"`
}

var serverAuth, clientAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}

// Every file has the authority of one server, in this form or that; curl
// agrees which of them it can be read from.
func TestTrustedFilesReadLikeCurl(t *testing.T) {
	root := authority(t, cn(t, printable, "Puppet CA"), nil, nil)
	other := authority(t, cn(t, printable, "Another CA"), nil, nil)
	address := serve(t, leaf(t, root, nil))
	plain, foreign := pemOf("CERTIFICATE", root.cert.Raw), pemOf("CERTIFICATE", other.cert.Raw)
	trusted := func(settings trustSettings) []byte {
		der, err := asn1.Marshal(settings)
		if err != nil {
			t.Fatal(err)
		}
		return pemOf("TRUSTED CERTIFICATE", append(bytes.Clone(root.cert.Raw), der...))
	}
	damaged := bytes.Replace(foreign, []byte("MII"), []byte("M!I"), 1)
	for name, test := range map[string]struct {
		text []byte
		// warning is part of the only warning, err part of the error.
		warning, err string
		// curl is true where curl reads what we don't, or the other way round.
		curlDiffers bool
	}{
		"one":                             {text: plain},
		"two, and text between":           {text: concat(foreign, []byte("subject=CN = Puppet CA\n"), plain)},
		"CRLF":                            {text: bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n"))},
		"CRLF, the first of two":          {text: bytes.ReplaceAll(concat(plain, foreign), []byte("\n"), []byte("\r\n"))},
		"revocation lists and a key":      {text: concat(pemOf("X509 CRL", []byte("crl")), pemOf("EC PRIVATE KEY", []byte("key")), plain), curlDiffers: true},
		"a byte order mark":               {text: concat([]byte("\xef\xbb\xbf"), plain), curlDiffers: true},
		"X509 CERTIFICATE":                {text: pemOf("X509 CERTIFICATE", root.cert.Raw)},
		"TRUSTED, without settings":       {text: pemOf("TRUSTED CERTIFICATE", root.cert.Raw)},
		"TRUSTED, with an alias":          {text: trusted(trustSettings{Alias: "Puppet"})},
		"TRUSTED for servers":             {text: trusted(trustSettings{Trusted: []asn1.ObjectIdentifier{clientAuth, serverAuth}})},
		"TRUSTED for clients":             {text: trusted(trustSettings{Trusted: []asn1.ObjectIdentifier{clientAuth}}), err: "its trust settings don't allow it for servers"},
		"TRUSTED, not for servers":        {text: trusted(trustSettings{Rejected: []asn1.ObjectIdentifier{serverAuth}}), err: "its trust settings don't allow it for servers"},
		"TRUSTED, not for clients":        {text: trusted(trustSettings{Rejected: []asn1.ObjectIdentifier{clientAuth}})},
		"TRUSTED, with something else":    {text: pemOf("TRUSTED CERTIFICATE", append(bytes.Clone(root.cert.Raw), 1, 2, 3)), err: "its trust settings can't be read"},
		"one of two is damaged":           {text: concat(plain, damaged), warning: fmt.Sprintf("the certificate in line %d of ca.pem is left out: the PEM block is damaged or not complete", 1+bytes.Count(plain, []byte("\n"))), curlDiffers: true},
		"the first of two is cut off":     {text: concat(foreign[:200], []byte("\n"), plain), warning: "the certificate in line 1 of ca.pem is left out: the PEM block is damaged", curlDiffers: true},
		"the second of two is no X.509":   {text: concat(plain, pemOf("CERTIFICATE", []byte("text"))), warning: "is left out: it is damaged or not complete", curlDiffers: true},
		"only one, which is damaged":      {text: damaged, err: "ca.pem contains no usable PEM certificate: the certificate in line 1 of ca.pem"},
		"empty":                           {text: nil, err: "ca.pem contains no PEM certificate"},
		"a key":                           {text: pemOf("EC PRIVATE KEY", []byte("key")), err: "ca.pem contains no PEM certificate"},
		"DER":                             {text: root.cert.Raw, err: "convert it with openssl x509 -inform DER -in ca.pem"},
		"UTF-16":                          {text: asUTF16(plain), err: "the file of trusted certificates ca.pem is UTF-16: save it as UTF-8"},
		"the label inside of a line only": {text: []byte("x -----BEGIN CERTIFICATE-----\n"), err: "no PEM certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, warnings, err := certs.Parse(test.text, "ca.pem")
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
			} else if err != nil {
				t.Fatal(err)
			} else if err := dial(t, address, certs.Verifier{Trusted: pool, Host: host}); err != nil {
				t.Error(err)
			}
			if got := strings.Join(warnings, "\n"); (got == "") != (test.warning == "") || !strings.Contains(got, test.warning) || len(warnings) > 1 {
				t.Errorf("warnings %q, want %q", warnings, test.warning)
			}
			testneeds.Program(t, "curl")
			if !test.curlDiffers && curl(t, address, test.text) != (test.err == "") {
				t.Errorf("curl reads it: %t", test.err != "")
			}
		})
	}
}

func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func asUTF16(text []byte) []byte {
	encoded := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(string(text))) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return encoded
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----\nMAA=\n-----END TRUSTED CERTIFICATE-----\n",
		"\xef\xbb\xbf-----BEGIN X509 CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\xff\xfe-\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		pool, warnings, err := certs.Parse(text, "ca.pem")
		reference := x509.NewCertPool()
		if reference.AppendCertsFromPEM(text) && err != nil && !strings.Contains(err.Error(), "UTF-16") {
			t.Fatalf("the standard library reads a certificate: %v", err)
		}
		if (pool == nil) == (err == nil) || err != nil && len(warnings) > 0 {
			t.Fatalf("%v %q %v", pool, warnings, err)
		}
	})
}
