package harness

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// primary answers every endpoint like the servers of one generation.
type primary struct {
	answers map[string]string
	// asked gets a value for each request of deploys/status.
	asked chan struct{}
	hold  int
	gone  chan struct{}
	// deployed is true after the first request to deploy.
	deployed atomic.Bool
}

// cmdPrimary starts a server with recorded answers and a certificate as Puppet makes it, and points
// puppet-code at it. ROOT, CRL and BUNDLE are the other files of the CA.
//
//	primary [KEY=VALUE...]
//
//	answers=DIR      deploys.json, wait.json, dry-run.json, status.json,
//	                 deploys-status.json, and before-deploys-status.json for the
//	                 time before a deployment; what is not there is not found
//	hold=N           answers a request that waits when deploys/status was asked
//	                 N times since
//	listen=HOST      127.0.0.1 by default, an address of this machine
//	rsa=BITS         makes RSA keys; ECDSA keys by default
//	cn=NAME          the certificate's common name, primary.example.com by default
//	san=NAME,...     its alternative names, the address by default, - for none
//	intermediate=yes sends the intermediate certificate too
//	ciphers=ERA      speaks TLS as servers did until 2017.2, or until 2018.1
func cmdPrimary(ts *testscript.TestScript, _ bool, args []string) {
	given := map[string]string{}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		given[key] = value
	}
	host := cmp.Or(given["listen"], "127.0.0.1")
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	ts.Check(err)
	p := &primary{answers: readAnswers(ts, given["answers"]), asked: make(chan struct{}, 1000), gone: make(chan struct{})}
	if text := given["hold"]; text != "" {
		p.hold, err = strconv.Atoi(text)
		ts.Check(err)
	}
	server := httptest.NewUnstartedServer(p)
	server.Listener.Close()
	server.Listener = listener
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	dir, err := os.MkdirTemp(ts.Getenv("WORK"), "authority-")
	ts.Check(err)
	bits, err := strconv.Atoi(cmp.Or(given["rsa"], "0"))
	ts.Check(err)
	authority, err := testtls.NewPuppet(dir, bits)
	ts.Check(err)
	server.TLS, err = authority.Config(
		names(cmp.Or(given["cn"], "primary.example.com"), cmp.Or(given["san"], host)), given["intermediate"] == "yes")
	ts.Check(err)
	if suites := eras[given["ciphers"]]; suites != nil {
		server.TLS.MaxVersion, server.TLS.CipherSuites = tls.VersionTLS12, suites
	}
	server.StartTLS()
	ts.Defer(func() { close(p.gone); server.CloseClientConnections(); server.Close() })
	token := filepath.Join(dir, "token")
	ts.Check(os.WriteFile(token, []byte(RawToken+"\n"), 0o600))
	for name, value := range map[string]string{
		"PUPPET_CODE_SERVICE_URL": "https://" + listener.Addr().String() + "/code-manager",
		"PUPPET_CODE_TOKEN_FILE":  token,
		"PUPPET_CODE_CACERT":      authority.CA,
		"ROOT":                    authority.Root,
		"CRL":                     authority.CRL,
		"BUNDLE":                  authority.Bundle,
	} {
		ts.Setenv(name, value)
	}
}

// eras are the cipher suites of Code Manager that Go supports, by the last version that had them.
var eras = map[string][]uint16{
	"2017.2": {tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA},
	"2018.1": {tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA},
}

// names is a certificate template with a common name and alternative names, separated by commas; -
// means no names.
func names(cn, san string) x509.Certificate {
	template := x509.Certificate{Subject: pkix.Name{CommonName: cn}}
	for name := range strings.SplitSeq(san, ",") {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if name != "-" {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

func readAnswers(ts *testscript.TestScript, dir string) map[string]string {
	answers := map[string]string{}
	if dir == "" {
		return answers
	}
	files, err := os.ReadDir(ts.MkAbs(dir))
	ts.Check(err)
	for _, file := range files {
		answers[file.Name()] = ts.ReadFile(filepath.Join(dir, file.Name()))
	}
	return answers
}

func (p *primary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, found := p.answers[p.choose(r)]
	header := w.Header()
	header["Date"] = nil // the answers are of another time
	switch {
	case r.Header.Get("X-Authentication") != RawToken && !strings.HasSuffix(r.URL.Path, "/v1/status"):
		w.WriteHeader(http.StatusUnauthorized)
		body = `{"kind":"puppetlabs.rbac/user-unauthenticated","msg":"Route requires authentication","redirect":"/auth/login"}`
	case !found:
		header.Set("Content-Type", "text/html;charset=iso-8859-1")
		w.WriteHeader(http.StatusNotFound)
		body = "<html><head><title>Error 404 Not Found</title></head></html>"
	default:
		header.Set("Content-Type", "application/json;charset=utf-8")
	}
	_, _ = io.WriteString(w, body)
}

// choose names the answer to a request.
func (p *primary) choose(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/code-manager/v1")
	if path == "/deploys/status" && p.deployed.Load() {
		p.asked <- struct{}{}
	} else if _, found := p.answers["before-deploys-status.json"]; found && path == "/deploys/status" {
		return "before-deploys-status.json"
	}
	if path != "/deploys" {
		return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-") + ".json"
	}
	var request struct {
		Wait   bool `json:"wait"`
		DryRun bool `json:"dry_run"`
	}
	if r.Method != http.MethodPost || json.UnmarshalRead(r.Body, &request) != nil {
		return ""
	}
	switch {
	case request.DryRun:
		return "dry-run.json"
	case request.Wait:
		p.deployed.Store(true)
		for range p.hold {
			select {
			case <-p.asked:
			case <-p.gone:
			}
		}
		return "wait.json"
	default:
		return "deploys.json"
	}
}
