package certs_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// Every file has the authority of one server, in this form or that; curl
// agrees which of them it can be read from.
func TestTrustedFilesReadLikeCurl(t *testing.T) {
	root := authority(t, cn(t, printable, "Puppet CA"), nil, nil)
	other := authority(t, cn(t, printable, "Another CA"), nil, nil)
	address := serve(t, leaf(t, root, nil))
	plain, foreign := pemOf("CERTIFICATE", root.cert.Raw), pemOf("CERTIFICATE", other.cert.Raw)
	damaged := bytes.Replace(foreign, []byte("MII"), []byte("M!I"), 1)
	for name, test := range map[string]struct {
		text []byte
		// err is part of the error.
		err string
		// curlDiffers is true where curl reads what we don't, or the other way round.
		curlDiffers bool
	}{
		"one":                             {text: plain},
		"two, and text between":           {text: concat(foreign, []byte("subject=CN = Puppet CA\n"), plain)},
		"CRLF":                            {text: bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n"))},
		"CRLF, the first of two":          {text: bytes.ReplaceAll(concat(plain, foreign), []byte("\n"), []byte("\r\n"))},
		"revocation lists and a key":      {text: concat(pemOf("X509 CRL", []byte("crl")), pemOf("EC PRIVATE KEY", []byte("key")), plain), curlDiffers: true},
		"a byte order mark":               {text: concat([]byte("\xef\xbb\xbf"), plain), curlDiffers: true},
		"X509 CERTIFICATE":                {text: pemOf("X509 CERTIFICATE", root.cert.Raw)},
		"OpenSSL's trust settings":        {text: pemOf("TRUSTED CERTIFICATE", root.cert.Raw), err: "convert it with openssl x509", curlDiffers: true},
		"one of two is damaged":           {text: concat(plain, damaged), err: "the file of trusted certificates ca.pem contains a certificate that is damaged or not complete"},
		"the first of two is cut off":     {text: concat(foreign[:200], []byte("\n"), plain), err: "damaged or not complete"},
		"the second of two is no X.509":   {text: concat(plain, pemOf("CERTIFICATE", []byte("text"))), err: "contains a certificate that cannot be read: "},
		"only one, which is damaged":      {text: damaged, err: "ca.pem contains a certificate that is damaged"},
		"empty":                           {text: nil, err: "ca.pem contains no PEM certificate"},
		"a key":                           {text: pemOf("EC PRIVATE KEY", []byte("key")), err: "ca.pem contains no PEM certificate"},
		"DER":                             {text: root.cert.Raw, err: "convert it with openssl x509 -inform DER"},
		"UTF-16":                          {text: asUTF16(plain), err: "the file of trusted certificates ca.pem is UTF-16: save it as UTF-8"},
		"the label inside of a line only": {text: []byte("x -----BEGIN CERTIFICATE-----\n"), err: "no PEM certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trusted, err := certs.Parse(test.text, "ca.pem")
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
			} else if err != nil {
				t.Fatal(err)
			} else if err := dial(t, address, certs.Verifier{Trusted: trusted, Host: host}); err != nil {
				t.Error(err)
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
