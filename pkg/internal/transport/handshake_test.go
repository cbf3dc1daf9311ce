package transport_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
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
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
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
		"only 3DES":    {handshake(t, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}), "accepts none of the TLS versions and ciphers"},
		"only TLS 1.1": {handshake(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}), "accepts none of the TLS versions and ciphers"},
		"closed":       {io.EOF, ""},
	} {
		reason, cure := transport.TLSReason(test.err)
		if !strings.Contains(reason, test.want) || (reason == "") != (test.want == "") || (cure == "") != (test.want == "") {
			t.Errorf("%s: %v: %q, %q", name, test.err, reason, cure)
		}
	}
}

func TestServerThatRenegotiates(t *testing.T) {
	testneeds.Program(t, "openssl")
	ca := newAuthority(t)
	config := configOf(t, ca, "good")
	key, err := x509.MarshalPKCS8PrivateKey(config.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: config.Certificates[0].Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), "openssl", "s_server", "-tls1_2", "-cert", file, "-key", file, "-accept", "127.0.0.1:0")
	in, errIn := server.StdinPipe()
	out, errOut := server.StdoutPipe()
	if err := errors.Join(errIn, errOut, server.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	asked := make(chan error, 1)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			go func() { asked <- ask(t, "https://"+address, trust(t, ca.File, false)) }()
		}
		if strings.HasPrefix(lines.Text(), "GET ") {
			_, _ = io.WriteString(in, "r\n")
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	err = <-asked
	if reason, cure := transport.TLSReason(err); !strings.Contains(reason, "demands TLS renegotiation") || cure == "" {
		t.Errorf("%v: %q, %q", err, reason, cure)
	}
}
