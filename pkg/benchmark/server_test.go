//go:build unix

package benchmark_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/testtls"
)

const token = "0Vs1xO-benchmark_token"

// canned is a server that answers every request with the same prepared body, in almost no time.
type canned struct {
	url, caFile string
	body        []byte
	// rsa makes the keys as Puppet does, RSA 4096, and sends the chain; else they
	// are ECDSA, which takes the least time.
	rsa bool
	// hold is how long a request that waits is held.
	hold time.Duration
	// held are answered with body, all others with looks where it is not nil.
	looks    []byte
	requests atomic.Int32
	answered atomic.Int64
}

func serve(b *testing.B, c *canned) *canned {
	b.Helper()
	server := httptest.NewUnstartedServer(c)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	var err error
	if server.TLS, c.caFile, err = certificate(b.TempDir(), c.rsa); err != nil {
		b.Fatal(err)
	}
	server.StartTLS()
	b.Cleanup(server.Close)
	c.url = server.URL + "/code-manager"
	return c
}

// certificate makes one, and the file of authorities to trust.
func certificate(dir string, rsa bool) (*tls.Config, string, error) {
	template, err := testtls.Template("good")
	if err != nil {
		return nil, "", err
	}
	if rsa {
		authority, err := testtls.NewPuppet(dir, 4096)
		if err != nil {
			return nil, "", err
		}
		config, err := authority.Config(template, true)
		return config, authority.CA, err
	}
	authority, err := testtls.NewAuthority(dir)
	if err != nil {
		return nil, "", err
	}
	config, err := authority.Config(template)
	if err != nil {
		return nil, "", err
	}
	// Without the CRL, for which curl needs more options.
	text, err := os.ReadFile(authority.File)
	if err != nil {
		return nil, "", err
	}
	pem, _, _ := strings.Cut(string(text), "-----BEGIN X509 CRL")
	file := filepath.Join(dir, "trusted.pem")
	return config, file, os.WriteFile(file, []byte(pem), 0o600)
}

func (c *canned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.requests.Add(1)
	_, _ = io.Copy(io.Discard, r.Body)
	body := c.body
	if c.looks != nil && r.Method == http.MethodGet {
		body = c.looks
	} else if c.hold > 0 {
		select {
		case <-time.After(c.hold):
		case <-r.Context().Done():
			return
		}
	}
	if r.Header.Get("X-Authentication") != token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	c.answered.Store(time.Now().UnixNano())
}

// environment points puppet-code at the server.
func (c *canned) environment(b *testing.B) []string {
	b.Helper()
	return []string{
		"HOME=" + b.TempDir(), "PATH=" + os.Getenv("PATH"), "PUPPET_CODE_TOKEN=" + token,
		"PUPPET_CODE_SERVICE_URL=" + c.url, "PUPPET_CODE_CACERT=" + c.caFile,
	}
}

// sha is a commit's, the same ones in every run.
func sha(random *rand.ChaCha8) string {
	return fmt.Sprintf("%016x%016x%08x", random.Uint64(), random.Uint64(), uint32(random.Uint64()))
}

// deployments is an answer to POST /v1/deploys: every environment complete.
func deployments(environments int) []byte {
	random := rand.NewChaCha8([32]byte{})
	var b bytes.Buffer
	for i := range environments {
		_, _ = fmt.Fprintf(&b, `%c{"environment":"feature_ticket_%d","id":%d,"status":"complete","deploy-signature":%q,`+
			`"file-sync":{"environment-commit":%q,"code-commit":%q}}`, ",["[min(1, max(0, 1-i))], i, i+1, sha(random), sha(random), sha(random))
	}
	b.WriteByte(']')
	return b.Bytes()
}

// inFlight is an answer to GET /v1/deploys/status in the middle of a
// deployment: two environments are deploying, the others queued.
func inFlight(environments int) []byte {
	lists := map[string]string{}
	for i := range environments {
		list := "queued"
		if i < 2 {
			list = "deploying"
		}
		if lists[list] != "" {
			lists[list] += ","
		}
		lists[list] += fmt.Sprintf(`{"environment":"feature_ticket_%d","queued-at":"2026-01-31T12:00:00.123Z","id":%d}`, i, i+1)
	}
	before := status(3, environments)
	queue := fmt.Sprintf(`"queued":[%s],"deploying":[%s]`, lists["queued"], lists["deploying"])
	return bytes.Replace(before, []byte(`"queued":[],"deploying":[]`), []byte(queue), 1)
}

// status is an answer to GET /v1/deploys/status: every environment on every
// compiler.
func status(compilers, environments int) []byte {
	var deployed bytes.Buffer
	random := rand.NewChaCha8([32]byte{})
	for i := range environments {
		_, _ = fmt.Fprintf(&deployed, `%c{"environment":"feature_ticket_%d","date":"2026-01-31T12:00:00Z","deploy-signature":%q}`,
			",["[min(1, max(0, 1-i))], i, sha(random))
	}
	deployed.WriteByte(']')
	var b bytes.Buffer
	b.WriteString(`{"deploys-status":{"new":[],"queued":[],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":`)
	b.Write(deployed.Bytes())
	b.WriteString(`},"file-sync-client-status":{"all-synced":true,"file-sync-clients":`)
	for i := range compilers {
		_, _ = fmt.Fprintf(&b, `%c"compiler%d.example.com":{"last_check_in_time":"2026-01-31T12:00:0%d.123Z","synced-with-file-sync-storage":true,"deployed":`,
			",{"[min(1, max(0, 1-i))], i, i%10)
		b.Write(deployed.Bytes())
		b.WriteByte('}')
	}
	b.WriteString(`}}}`)
	return b.Bytes()
}
