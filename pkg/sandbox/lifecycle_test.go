package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func TestQueueInDeploysStatus(t *testing.T) {
	h := start(t, Options{DeployDelay: time.Hour})
	h.deploy(`{"environments": ["production", "testing", "development"]}`)
	h.deploy(`{"environments": ["production"]}`)
	var status deploysStatus
	eventually(t, "two environments are deploying", func() bool {
		status = h.deploysStatus()
		return len(status.Deploys.Deploying) == 2
	})
	queue := status.Deploys
	if len(queue.Queued) != 2 || queue.Deploying[0].Environment != "production" || queue.Queued[1].Environment != "production" ||
		*queue.Queued[1].ID != 4 || len(queue.New) != 0 || len(queue.Failed) != 0 {
		t.Errorf("queue %+v", queue)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", queue.Queued[0].QueuedAt); err != nil {
		t.Error(err)
	}
	one := call[deployment](h, http.MethodGet, "/v1/deploys/status?id=1", "")
	if one.Status != deploying || one.Environment != "production" || *one.ID != 1 || one.QueuedAt == "" {
		t.Errorf("deployment %+v", one)
	}
}

func TestOneDeploymentByID(t *testing.T) {
	h := start(t, Options{})
	h.deploy(`{"environments": ["production", "nope"], "wait": true}`)
	one := call[deployment](h, http.MethodGet, "/v1/deploys/status?id=1", "")
	two := call[deployment](h, http.MethodGet, "/v1/deploys/status?id=2", "")
	if one.Status != complete || one.DeploySignature == "" || two.Status != failed || two.Error == nil {
		t.Errorf("deployments %+v, %+v", one, two)
	}
	h.refused(h.request(t.Context(), http.MethodGet, "/v1/deploys/status?id=3", ""), http.StatusNotFound, api.KindNotFound)
	for _, id := range []string{"", "one", "1.0", "-1", "99999999999999999999", "1%00"} {
		h.refused(h.request(t.Context(), http.MethodGet, "/v1/deploys/status?id="+id, ""), http.StatusBadRequest, api.KindInvalidRequest)
	}
}

func TestFreshStatusHasNoNulls(t *testing.T) {
	h := start(t, Options{Compilers: NoCompilers})
	want := `{"deploys-status":{"new":[],"queued":[],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":[]},` +
		`"file-sync-client-status":{"all-synced":true,"file-sync-clients":{}}}` + "\n"
	if _, got := h.do(h.request(t.Context(), http.MethodGet, "/v1/deploys/status", "")); got != want {
		t.Errorf("got %s", got)
	}
	if got := h.deploy(`{"deploy-all": true, "wait": true}`); len(got) != 4 {
		t.Errorf("without compilers: %v", got)
	}
}

func TestCompilerBeforeItsFirstCheckIn(t *testing.T) {
	h := start(t, Options{Compilers: 1, SyncInterval: time.Hour})
	_, got := h.do(h.request(t.Context(), http.MethodGet, "/v1/deploys/status", ""))
	want := `"file-sync-client-status":{"all-synced":false,"file-sync-clients":{"compiler1.sandbox.localdomain":` +
		`{"last_check_in_time":null,"synced-with-file-sync-storage":false,"deployed":[]},"primary.sandbox.localdomain-orchestrator":{`
	if !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}

func TestBrokenRemote(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	h := start(t, Options{ControlRepo: repo.Path})
	h.deploy(`{"deploy-all": true, "wait": true}`)
	if err := os.RemoveAll(repo.Path); err != nil {
		t.Fatal(err)
	}
	words := "ERROR\t -> Unable to determine current branches for Git source 'puppet' (" +
		filepath.Join(h.Codedir(), "environments") + ")\nOriginal exception:\n"
	for _, body := range []string{`{"deploy-all": true}`, `{"dry_run": true}`} {
		got := h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", body), http.StatusInternalServerError, deploy.KindCollectFailed)
		var details string
		if err := unmarshal(got.Details, &details); err != nil || !strings.HasPrefix(details, words) ||
			got.Msg != "Errors while collecting a list of environments to deploy (exit code: 1)" {
			t.Errorf("%s: %+v", body, got)
		}
	}
	d := h.deploy(`{"environments": ["production"], "wait": true}`)["production"]
	if d.Error == nil || !strings.Contains(d.Error.Msg, words) {
		t.Errorf("deployment %+v", d)
	}
	if got := names(t, h.environments()); len(got) != 1 {
		t.Errorf("live %v: what was deployed must stay", got)
	}
}

func TestCloseAnswersWaitingRequests(t *testing.T) {
	h := start(t, Options{DeployDelay: time.Hour})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", `{"deploy-all": true, "wait": true}`),
			http.StatusServiceUnavailable, api.KindUnavailable)
	}()
	eventually(t, "deployments start", func() bool { return len(h.deploysStatus().Deploys.Deploying) == 2 })
	h.closesAtOnce()
	<-answered
	if _, err := os.Stat(h.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

// Clients open connections that they do not use in the end, and send headers
// slowly. Neither holds up the end.
func TestCloseDoesNotWaitForIdleConnections(t *testing.T) {
	h := start(t, Options{})
	conn, err := h.connect(t, &tls.Config{})
	if err != nil {
		t.Fatal(err)
	}
	slow, err := h.connect(t, &tls.Config{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(slow, "GET %s/v1/status HTTP/1.1\r\nHost: x", api.BasePath)
	h.deploysStatus() // the others were accepted before
	h.closesAtOnce()
	if got, err := io.ReadAll(conn); len(got) != 0 {
		t.Errorf("read %q, %v", got, err)
	}
}

// closesAtOnce ends the sandbox, which must not wait for a client until its
// patience is at an end.
func (h *harness) closesAtOnce() {
	h.t.Helper()
	if err := h.Close(); err != nil {
		h.t.Error(err)
	}
	if strings.Contains(h.log.String(), "closing connections") {
		h.t.Errorf("it waited for clients:\n%s", h.log)
	}
}

func TestContextEndsTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-server.Done()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

func TestDirKeepsItsState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	first := start(t, Options{Dir: dir})
	want := first.deploy(`{"environments": ["production"], "wait": true}`)["production"].DeploySignature
	ca, err := os.ReadFile(first.CACertFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	// The files that a killed run leaves.
	if err := os.MkdirAll(filepath.Join(dir, "code", "environments", ".production.sandbox-new-1"), 0o755); err != nil {
		t.Fatal(err)
	}
	second := start(t, Options{Dir: dir})
	again, err := os.ReadFile(second.CACertFile())
	if err != nil || string(again) != string(ca) || second.token != first.token {
		t.Errorf("the authority or the token is another one: %v", err)
	}
	if got := names(t, second.environments()); !slices.Equal(got, []string{"production"}) {
		t.Errorf("live are %v", got)
	}
	deployed := second.deploysStatus().Storage.Deployed
	if len(deployed) != 1 || deployed[0].DeploySignature != want {
		t.Errorf("storage %+v, want production at %s", deployed, want)
	}
	eventually(t, "compilers catch up", func() bool { return second.deploysStatus().Clients.AllSynced })
	info, err := os.Stat(second.TokenFile())
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("token file: %v, %v", info.Mode(), err)
	}
}

func TestOneSandboxForADir(t *testing.T) {
	dir := t.TempDir()
	first := start(t, Options{Dir: dir})
	want := fmt.Sprintf("--dir: %s is in use by another sandbox, with process id %d", dir, os.Getpid())
	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, Options{Dir: dir})
}
