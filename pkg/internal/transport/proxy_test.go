package transport_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/service"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

const (
	token   = "0Vs1xO-test_token"
	primary = "https://primary.example.com:8170/code-manager"
)

// estate is a server for primary.example.com, and the proxy that leads to it.
type estate struct {
	t      *testing.T
	server *httptest.Server
	ca     *testtls.Authority
	// heard is what the proxy was sent before the tunnel.
	heard chan string
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{t: t, ca: newAuthority(t), heard: make(chan string, 1)}
	e.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"token":"`+r.Header.Get("X-Authentication")+`"}`)
	}))
	e.server.TLS = configOf(t, e.ca, "other")
	e.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	e.server.StartTLS()
	t.Cleanup(e.server.Close)
	return e
}

// listen starts a proxy whose connections speak handles until the tunnel.
func (e *estate) listen(speak func(net.Conn)) (address string) {
	e.t.Helper()
	listener := listen(e.t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				speak(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// connect answers a CONNECT of HTTP and makes the tunnel.
func (e *estate) connect(conn net.Conn) {
	in := bufio.NewReader(conn)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	var text strings.Builder
	_ = request.Write(&text)
	e.heard <- text.String()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	server, err := net.Dial("tcp", e.server.Listener.Addr().String())
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, in) }()
	_, _ = io.Copy(conn, server)
}

// get asks the server, with the proxy in the environment.
func (e *estate) get(address string) error {
	e.t.Helper()
	client, err := transport.New(service.Options{
		BaseURL: primary, Token: token, TLS: rootsOf(e.t, e.ca.File),
		LookupEnv: func(name string) (string, bool) { return address, name == "HTTPS_PROXY" },
	})
	if err != nil {
		return err
	}
	response, err := client.Do(e.t.Context(), transport.Request{Method: http.MethodGet, Path: "/v1/status"})
	if err != nil {
		return err
	}
	if !strings.Contains(string(response.Body), token) {
		return errors.New("the server did not get the token")
	}
	return nil
}

// The certificate of a proxy is verified with the system's authorities, that of the server behind
// it with Puppet's.
func TestProxyOverTLS(t *testing.T) {
	const child = "TEST_PROXY_OVER_TLS"
	switch {
	case runtime.GOOS != "linux":
		t.Skip("the authorities of this system can't be replaced by a variable")
	case os.Getenv(child) == "":
		t.Run("trusted by the system", func(t *testing.T) { again(t, child) })
		t.Run("not trusted", proxyNotTrusted)
		return
	}
	certificate, err := tls.LoadX509KeyPair(os.Getenv(child), os.Getenv(child))
	if err != nil {
		t.Fatal(err)
	}
	e := newEstate(t)
	address := e.listen(e.overTLS(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}))
	if err := e.get("https://ann:geheim@" + address); err != nil {
		t.Fatal(err)
	}
	heard := <-e.heard
	if !strings.HasPrefix(heard, "CONNECT primary.example.com:8170 ") || !strings.Contains(heard, "Proxy-Authorization: Basic ") || strings.Contains(heard, token) {
		t.Errorf("the proxy is sent %q", heard)
	}
}

func (e *estate) overTLS(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) {
		secure := tls.Server(conn, config)
		if secure.Handshake() == nil {
			e.connect(secure)
		}
	}
}

// again runs this test in a process whose system trusts the proxy's certificate.
func again(t *testing.T, variable string) {
	ca := newAuthority(t)
	config := configOf(t, ca, "good")
	key, err := x509.MarshalPKCS8PrivateKey(config.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "proxy.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: config.Certificates[0].Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyOverTLS$", "-test.v")
	command.Env = append(os.Environ(), variable+"="+file, "SSL_CERT_FILE="+ca.File, "SSL_CERT_DIR="+t.TempDir())
	if output, err := command.CombinedOutput(); err != nil || !strings.Contains(string(output), "--- PASS: TestProxyOverTLS") {
		t.Errorf("%v\n%s", err, output)
	}
}

// configOf is the configuration of a server with a certificate of a kind.
func configOf(t *testing.T, ca *testtls.Authority, kind string) *tls.Config {
	t.Helper()
	template, err := testtls.Template(kind)
	if err != nil {
		t.Fatal(err)
	}
	config, err := ca.Config(template)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// A proxy whose certificate only Puppet's authority has signed is refused.
func proxyNotTrusted(t *testing.T) {
	e := newEstate(t)
	address := e.listen(e.overTLS(configOf(t, e.ca, "good")))
	err := e.get("https://ann:geheim@" + address)
	broken, ok := errors.AsType[*service.ProxyError](err)
	if !ok || broken.Proxy != address+" (HTTPS_PROXY)" || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%T %v", err, err)
	}
	if connection, ok := errors.AsType[*service.ConnectionError](err); !ok || connection.Sent {
		t.Errorf("%T %v", err, err)
	}
}

// A proxy that repeats its credentials does not bring them into an error.
func TestProxyThatRepeatsThePassword(t *testing.T) {
	e := newEstate(t)
	const password = "ge%heim@1"
	basic := base64.StdEncoding.EncodeToString([]byte("ann:" + password))
	for _, answer := range []string{"HTTP/1.1 407 not ", "HTTP/1.1 ", "", "HTTP/1.1 200 OK\r\n"} {
		for _, secret := range []string{password, url.QueryEscape(password), basic} {
			address := e.listen(func(conn net.Conn) {
				_, _ = http.ReadRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, answer+secret+"\r\n\r\n")
			})
			err := e.get("http://ann:" + url.QueryEscape(password) + "@" + address)
			if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "<redacted>") {
				t.Errorf("%s%s: %v", answer, secret, err)
			}
		}
	}
}

func rootsOf(t *testing.T, file string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(text)
	return config
}
