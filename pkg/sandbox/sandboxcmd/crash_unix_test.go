//go:build unix

package sandboxcmd

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// killAtManyMoments kills the sandbox at moments that spread over a deployment
// of all environments.
func (k *kept) killAtManyMoments(t *testing.T, kills int) {
	t.Helper()
	k.commit(t, 0)
	first := k.start(t)
	began := time.Now()
	k.deploy(t, first, `{"environments": `+k.list()+`, "wait": true}`)
	whole := time.Since(began)
	first.end(t)
	interrupted, changed := 0, 0
	for kill := 1; kill <= kills; kill++ {
		k.commit(t, kill)
		s := k.start(t)
		for name, generation := range k.live(t) {
			if generation == "" {
				t.Errorf("kill %d: %s is gone", kill, name)
			}
			if generation == fmt.Sprint(kill-1) {
				changed++
			}
		}
		// The moment is a choice; nothing depends on what it meets.
		killer := time.AfterFunc(whole*time.Duration(kill)/time.Duration(kills+1), func() { _ = s.Process.Kill() })
		_, err := k.call(t, s, http.MethodPost, "/v1/deploys", `{"environments": `+k.list()+`, "wait": true}`)
		_ = s.Wait()
		killer.Stop()
		if err != nil || k.staged(t) > 0 {
			interrupted++
		}
	}
	if interrupted == 0 {
		t.Error("no kill met a deployment")
	}
	t.Logf("%d kills, %d of them in a deployment of %s; %d environments were new by then", kills, interrupted, whole, changed)
	k.recovers(t)
}

// recovers starts once more: what is reported is what is live, and all deploys.
func (k *kept) recovers(t *testing.T) {
	t.Helper()
	s := k.start(t)
	before := k.live(t)
	text, err := k.call(t, s, http.MethodGet, "/v1/deploys/status", "")
	if err != nil {
		t.Fatal(err)
	}
	var status struct {
		Storage struct {
			Deployed []struct {
				Environment string `json:"environment"`
			} `json:"deployed"`
		} `json:"file-sync-storage-status"`
	}
	if err := json.Unmarshal(text, &status); err != nil || len(status.Storage.Deployed) != len(before) {
		t.Errorf("%v: %s, want %d environments", err, text, len(before))
	}
	k.commit(t, 1000)
	for name, d := range k.deploy(t, s, `{"environments": `+k.list()+`, "wait": true}`) {
		if d.Status != "complete" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for name, generation := range k.live(t) {
		if generation != "1000" {
			t.Errorf("%s is of generation %s", name, generation)
		}
	}
	s.end(t)
}

func TestKillWithGit(t *testing.T) {
	k := newKept(t)
	k.environments = []string{"one", "two", "three", "four"}
	k.killAtManyMoments(t, 8)
}

func TestKillWithR10K(t *testing.T) {
	testneeds.Night(t)
	gittest.Need(t, "git")
	gittest.Need(t, "r10k")
	k := newKept(t, "--engine", "r10k")
	k.environments = []string{"one", "two"}
	k.killAtManyMoments(t, 2)
}

// TestSecondSandboxInOneDir: the error names the first, and its end, however it
// comes, frees the folder.
func TestSecondSandboxInOneDir(t *testing.T) {
	k := newKept(t)
	k.environments = []string{"production"}
	k.commit(t, 0)
	first := k.start(t)
	second := spawn(t, k.command()...)
	want := fmt.Sprintf("Error: --dir: %s is in use by another sandbox, with process id %d\n", k.dir, first.Process.Pid)
	if err := second.Wait(); second.ProcessState.ExitCode() != statusUsage || second.err.String() != want {
		t.Errorf("%v: %q, want %q", err, second.err.String(), want)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	k.start(t).end(t)
}
