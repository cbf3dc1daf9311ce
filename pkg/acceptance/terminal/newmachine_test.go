//go:build unix

package terminal

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

const primaryName = "primary.example.com"

// record has everything that a server or a proxy got.
type record struct {
	mutex sync.Mutex
	got   bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.got.Write(p)
}

func (r *record) String() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.got.String()
}

// newMachine is a machine without Puppet, which reaches an installation through a proxy. The
// installation is a sandbox behind the certificates of a Puppet CA. All its ports are one.
type newMachine struct {
	t       *testing.T
	home    string
	sandbox *sandbox.Server
	// password is that of the sandbox's user.
	password string
	// requests are those to the installation, decrypted; sent is what came through the proxy.
	requests, sent record
	env            []string
	// ca answers for Puppet's CA; health and tokens for the services, nil for the sandbox.
	ca, health, tokens http.HandlerFunc
}

// sends answers with a text.
func sends(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func startNewMachine(t *testing.T, certificates *tls.Config) *newMachine {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	text, err := os.ReadFile(server.PasswordFile())
	if err != nil {
		t.Fatal(err)
	}
	m := &newMachine{t: t, home: t.TempDir(), sandbox: server, password: strings.TrimSpace(string(text))}
	installation := httptest.NewUnstartedServer(m.installation())
	installation.TLS = certificates
	installation.Config.ErrorLog = log.New(io.Discard, "", 0)
	installation.StartTLS()
	t.Cleanup(installation.Close)
	proxy := m.startProxy(installation.Listener.Addr().String())
	m.env = []string{"PATH=" + os.Getenv("PATH"), "TERM=dumb", "HOME=" + m.home, "HTTPS_PROXY=http://" + proxy}
	return m
}

// installation passes requests on to the sandbox.
func (m *newMachine) installation() http.Handler {
	behind := func(address string) http.Handler {
		target, err := url.Parse(address)
		if err != nil {
			m.t.Fatal(err)
		}
		proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host}) }}
		proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // on loopback
		m.t.Cleanup(proxy.Transport.(*http.Transport).CloseIdleConnections)
		return proxy
	}
	codeManager, tokens := behind(m.sandbox.URL()), behind(m.sandbox.RBACURL())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, true)
		_, _ = m.requests.Write(dump)
		switch {
		case strings.HasPrefix(r.URL.Path, "/puppet-ca/"):
			m.ca(w, r)
		case strings.HasSuffix(r.URL.Path, "/v1/status") && m.health != nil:
			m.health(w, r)
		case strings.HasPrefix(r.URL.Path, "/code-manager/"):
			codeManager.ServeHTTP(w, r)
		case m.tokens != nil:
			m.tokens(w, r)
		default:
			tokens.ServeHTTP(w, r)
		}
	})
}

// startProxy starts a proxy that connects to one address, whatever it is asked for.
func (m *newMachine) startProxy(to string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = listener.Close() })
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, false)
		_, _ = m.sent.Write(dump)
		upstream, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer upstream.Close()
		client, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer client.Close()
		_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(client, upstream)
			_ = client.Close()
		}()
		_, _ = io.Copy(upstream, io.TeeReader(client, &m.sent))
	})}
	go func() { _ = server.Serve(listener) }()
	m.t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// run runs puppet-code without a terminal, with the password on standard input.
func (m *newMachine) run(want int, args ...string) (stderr string) {
	m.t.Helper()
	command := exec.Command("puppet-code", args...)
	command.Env, command.Stdin = m.env, strings.NewReader(m.password)
	var said bytes.Buffer
	command.Stderr = &said
	_ = command.Run()
	if got := command.ProcessState.ExitCode(); got != want {
		m.t.Errorf("%q: exit status %d, want %d:\n%s", args, got, want, &said)
	}
	return said.String()
}

// saved are the files of the user, by their names.
func (m *newMachine) saved() map[string]string {
	files := map[string]string{}
	_ = filepath.WalkDir(m.home, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, _ := os.ReadFile(path)
			files[entry.Name()] = string(text)
		}
		return nil
	})
	return files
}

func (m *newMachine) wantNothing() {
	m.t.Helper()
	if files := m.saved(); len(files) > 0 {
		m.t.Errorf("saved: %q", files)
	}
	if strings.Contains(m.requests.String(), m.password) {
		m.t.Error("the password was sent")
	}
}

// puppet makes Puppet's usual authorities, and the certificate of the primary.
func puppet(t *testing.T) (certificates *tls.Config, signer, root string) {
	t.Helper()
	authority, err := testtls.NewPuppet(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	certificates, err = authority.Config(x509.Certificate{DNSNames: []string{primaryName}}, false)
	if err != nil {
		t.Fatal(err)
	}
	both, err := os.ReadFile(authority.CA)
	if err != nil {
		t.Fatal(err)
	}
	first, rest := pem.Decode(both)
	return certificates, string(pem.EncodeToMemory(first)), string(rest)
}

// fingerprintOf is the SHA-256 of a certificate in PEM, as openssl shows it.
func fingerprintOf(text string) string {
	block, _ := pem.Decode([]byte(text))
	return strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(block.Bytes)), " ", ":")
}

// TestFromNothingToADeployment is the session of a new user. Nothing that the installation and the
// proxy get before the authority is trusted has a secret, although a token is in the environment.
func TestFromNothingToADeployment(t *testing.T) {
	t.Parallel()
	certificates, signer, root := puppet(t)
	m := startNewMachine(t, certificates)
	m.ca = sends(http.StatusOK, signer+root)
	const stray = "0strayTokenOfTheEnvironment0123456789abcdefg"

	p := sitDownWith(t, append(m.env, "PUPPET_CODE_TOKEN="+stray), "login", "--server", primaryName)
	p.sees("The authority of " + primaryName + " is not known on this machine yet.")
	p.sees("  Subject: CN=Puppet CA: primary.example.com, valid until ")
	p.sees("  Compare on the primary: `openssl x509 -noout -fingerprint -sha256 -in /etc/puppetlabs/puppet/ssl/certs/ca.pem`\r\n" +
		"  SHA-256: " + fingerprintOf(signer) + "\r\nTrust it? [y/N] ")
	if got := m.requests.String(); strings.Count(got, "GET ") != 1 || !strings.HasPrefix(got, "GET /puppet-ca/v1/certificate/ca ") || strings.Contains(got, "X-Authentication") {
		t.Errorf("before the authority is trusted, the installation got %s", got)
	}
	p.types("y\r")
	p.sees("Username: ")
	if got := m.requests.String(); strings.Contains(got, "X-Authentication") || !strings.Contains(got, "GET /rbac-api/v1/users/current") || !strings.Contains(got, "GET /code-manager/v1/status") {
		t.Errorf("before the password, the installation got %s", got)
	}
	p.types(sandbox.UserName + "\r")
	p.sees("Password (it is not shown): ")
	p.types(m.password + "\r")
	p.sees("Try it: puppet-code deploy production --wait")
	p.ends(0, m.password, stray)
	if form := harness.Leaked(m.requests.String()+m.sent.String(), stray); form != "" {
		t.Errorf("the token of the environment was sent, %s", form)
	}
	if form := harness.Leaked(m.sent.String(), m.password); form != "" {
		t.Errorf("the proxy knows the password, %s", form)
	}
	files := m.saved()
	if files["ca.pem"] != signer || len(files) != 3 {
		t.Errorf("saved %q", files)
	}
	deploy := sitDownWith(t, m.env, "deploy", "production", "--wait")
	deploy.sees("Deployed 1 environment in ")
	deploy.ends(0, m.password, files["token"])
}

// TestSavedAuthorityIsGoodForOthers: an intermediate is an anchor for curl and for OpenSSL, too.
func TestSavedAuthorityIsGoodForOthers(t *testing.T) {
	t.Parallel()
	certificates, signer, root := puppet(t)
	m := startNewMachine(t, certificates)
	m.ca = sends(http.StatusOK, signer+root)
	m.run(0, "login", "--server", primaryName, "sandbox", "--password-stdin", "--ca-fingerprint", fingerprintOf(signer))
	path := filepath.Join(m.home, ".puppetlabs", "client-tools", "ca.pem")
	leaf := filepath.Join(t.TempDir(), "leaf.pem")
	if err := os.WriteFile(leaf, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificates.Certificates[0].Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"curl", "--silent", "--show-error", "--fail", "--cacert", path, "https://" + primaryName + ":8170/code-manager/v1/status"},
		{"openssl", "verify", "-partial_chain", "-CAfile", path, leaf},
	} {
		testneeds.Program(t, args[0])
		command := exec.Command(args[0], args[1:]...)
		command.Env = m.env
		if said, err := command.CombinedOutput(); err != nil {
			t.Errorf("%q: %v\n%s", args, err, said)
		}
	}
}

// TestEndsOfTheQuestions: whoever does not say yes, saves nothing.
func TestEndsOfTheQuestions(t *testing.T) {
	t.Parallel()
	certificates, signer, root := puppet(t)
	m := startNewMachine(t, certificates)
	m.ca = sends(http.StatusOK, signer+root)
	for name, test := range map[string]struct {
		// before are answers to earlier questions, and last is the answer to the last.
		before []string
		last   string
		status int
	}{
		"no":                        {nil, "n\r", 5},
		"nothing":                   {nil, "\r", 5},
		"yesterday":                 {nil, "yesterday\r", 5},
		"the end of input":          {nil, "\x04", 5},
		"Ctrl-C":                    {nil, "\x03", 130},
		"Ctrl-C at the name":        {[]string{"yes\r"}, "\x03", 130},
		"the end of input, no name": {[]string{"YES\r"}, "\x04", 2},
		"Ctrl-C at the password":    {[]string{"y\r", "sandbox\r"}, "\x03", 130},
	} {
		t.Run(name, func(t *testing.T) {
			m.t = t
			p := sitDownWith(t, m.env, "login", "--server", primaryName)
			for i, answer := range append(test.before, test.last) {
				p.sees([]string{"Trust it? [y/N] ", "Username: ", "Password (it is not shown): "}[i])
				p.types(answer)
			}
			p.ends(test.status, m.password)
			m.wantNothing()
		})
	}
}

// keep puts a file beside the configuration file, as an earlier login would.
func (m *newMachine) keep(name, text string) {
	m.t.Helper()
	folder := filepath.Join(m.home, ".puppetlabs", "client-tools")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}
