package sandbox

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// soon is long enough for an answer, and short.
const soon = 500 * time.Millisecond

func TestFailOption(t *testing.T) {
	h := start(t, Options{Fail: map[string]string{"production": "", "testing": "ERROR\t -> Authentication failed\n"}})
	deployed := h.deploy(`{"deploy-all": true, "wait": true}`)
	for name, want := range map[string]string{
		"production": "Errors while deploying environment 'production' (exit code: 1):\nERROR\t -> Failed to evaluate ",
		"testing":    "Errors while deploying environment 'testing' (exit code: 1):\nERROR\t -> Authentication failed\n",
	} {
		if d := deployed[name]; d.Status != failed || !strings.HasPrefix(d.Error.Msg, want) {
			t.Errorf("%s: %+v", name, d.Error)
		}
	}
	if d := deployed["development"]; d.Status != complete {
		t.Errorf("development: %+v", d)
	}
}

func TestStatusCode(t *testing.T) {
	h := start(t, Options{StatusCode: http.StatusServiceUnavailable, StatusCodeRequests: 3})
	for number := 1; number <= 4; number++ {
		response, err := h.client.Do(h.request(t.Context(), http.MethodGet, "/v1/status", ""))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		want := http.StatusServiceUnavailable
		if number == 4 {
			want = http.StatusOK
		}
		if err != nil || response.StatusCode != want || strings.HasPrefix(string(text), "<html>") != (number < 4) {
			t.Errorf("request %d: %s, %s, %v", number, response.Status, text, err)
		}
	}
}

func TestCompilerDown(t *testing.T) {
	h := start(t, Options{CompilersDown: []string{"compiler2.sandbox.localdomain"}, syncTimeout: soon})
	d := h.deploy(`{"environments": ["production"], "wait": true}`)["production"]
	if d.Status != failed || d.Error.Msg != "Timed out waiting for all compilers to sync environment 'production'. Not synced: compiler2.sandbox.localdomain." {
		t.Errorf("%+v", d)
	}
	status := h.deploysStatus()
	if failed := status.Deploys.Failed; len(failed) != 1 || failed[0].Error.Msg != d.Error.Msg || len(status.Storage.Deployed) != 1 {
		t.Errorf("%+v", status)
	}
	clients := status.Clients
	if clients.AllSynced || clients.Clients["compiler2.sandbox.localdomain"].LastCheckIn != nil || !clients.Clients["compiler1.sandbox.localdomain"].Synced {
		t.Errorf("%+v", clients)
	}
}

func TestExpireTokensAfter(t *testing.T) {
	var offset atomic.Int64
	h := start(t, Options{
		ExpireTokensAfter: 10 * time.Minute, Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
	})
	offset.Store(int64(9 * time.Minute))
	h.deploysStatus()
	offset.Store(int64(11 * time.Minute))
	h.refused(h.request(t.Context(), http.MethodGet, "/v1/deploys/status", ""), http.StatusUnauthorized, tokens.ErrExpired.Kind)
}

// TestDelaysBeforeAndAfterTheFetch pushes a commit during the pause of a deployment. Before the fetch it is part of the
// deployment, after the fetch it is not.
func TestDelaysBeforeAndAfterTheFetch(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]Options{
		"deploy": {DeployDelay: 20 * soon}, "fetch": {FetchDelay: 20 * soon},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := gittest.New(t)
			options.ControlRepo = repo.Path
			old := repo.Commit(t, "production", gittest.Files{"a": "1"})
			h := start(t, options)
			h.deploy(`{"environments": ["production"]}`)
			// The pause after the fetch begins when the staged folder is filled.
			eventually(t, "the pause began", func() bool {
				return strings.Contains(h.log.String(), "msg=deploying") && (name == "deploy" || h.staged("production", "a"))
			})
			want := repo.Commit(t, "production", gittest.Files{"a": "2"})
			if name == "fetch" {
				want = old
			}
			eventually(t, "it is live", func() bool { return len(h.deploysStatus().Storage.Deployed) == 1 })
			if got := h.deploysStatus().Storage.Deployed[0].DeploySignature; got != want {
				t.Errorf("deployed %s, want %s of %s and another", got, want, old)
			}
		})
	}
}

// staged reports whether a file is in an environment that is not live yet.
func (h *harness) staged(environment, file string) bool {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.environments(), "."+environment+".sandbox-new-*", file))
	if err != nil {
		h.t.Fatal(err)
	}
	return len(found) > 0
}

func TestInvalidFaultOptions(t *testing.T) {
	for want, options := range map[string]Options{
		`--status-code: 200: use an error status`:                                                    {StatusCode: 200},
		`--compiler-down: "x": there is no such compiler; the compilers are compiler1.sandbox.local`: {CompilersDown: []string{"x"}, Compilers: 1},
		`--compiler-down: "x": there is no such compiler; the compilers are none`:                    {CompilersDown: []string{"x"}, Compilers: NoCompilers},
		`--fail: "feature/x" is not the name of an environment: use letters`:                         {Fail: map[string]string{"feature/x": ""}},
		`--fetch-delay: -1s: it must not be negative`:                                                {FetchDelay: -time.Second},
	} {
		server, err := Start(t.Context(), options)
		if err == nil {
			t.Fatal(server.Close())
		}
		if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
