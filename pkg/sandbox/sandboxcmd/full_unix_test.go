//go:build unix

package sandboxcmd

import (
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// noise is text that no compression makes small.
func noise(size int) string {
	var text strings.Builder
	state := uint32(1)
	for text.Len() < size {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		text.WriteByte(byte(state))
	}
	return text.String()
}

// runsOutOfRoom deploys what fits, then something that is too large for one
// environment. Where room is for each environment, the other one deploys.
func (k *kept) runsOutOfRoom(t *testing.T, each bool, words string) {
	t.Helper()
	k.environments = []string{"large", "small"}
	k.commit(t, 1)
	p := k.start(t)
	for name, d := range k.deploy(t, p, `{"deploy-all": true, "wait": true}`) {
		if d.Status != "complete" {
			t.Fatalf("%s: %+v", name, d)
		}
	}
	k.commit(t, 2)
	k.repo.Commit(t, "large", gittest.Files{"manifests/a.pp": "small", "noise": noise(5 << 20), "z": "small"})
	deployed := k.deploy(t, p, `{"environments": ["large", "small"], "wait": true}`)
	if d := deployed["large"]; d.Status != "failed" || !strings.Contains(d.Error.Msg, words) ||
		!strings.HasPrefix(d.Error.Msg, "Errors while deploying environment 'large' (exit code: 1):\nERROR\t -> ") {
		t.Errorf("large: %+v", d)
	}
	if d := deployed["small"]; each && d.Status != "complete" {
		t.Errorf("small: %+v", d)
	}
	if live := k.live(t); live["large"] != "1" {
		t.Errorf("live are %v, want the old one of large", live)
	}
	// Room again: the small one fits, and so does the next of the large one.
	k.commit(t, 3)
	for name, d := range k.deploy(t, p, `{"deploy-all": true, "wait": true}`) {
		if d.Status != "complete" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if live := k.live(t); live["large"] != "3" || live["small"] != "3" {
		t.Errorf("live are %v", live)
	}
	p.end(t)
}

// TestFileTooLarge has a limit on the size of files, which needs no rights: a
// write fails as it does on a full disk.
func TestFileTooLarge(t *testing.T) {
	gittest.Need(t, "bash")
	k := newKept(t)
	k.before = []string{"bash", "-c", `ulimit -f 4096 && exec "$@"`, "bash"} // KiB
	k.runsOutOfRoom(t, true, "file size limit exceeded")
}

func TestFileTooLargeForR10K(t *testing.T) {
	testneeds.Night(t)
	for _, program := range []string{"bash", "git", "r10k"} {
		gittest.Need(t, program)
	}
	k := newKept(t, "--engine", "r10k")
	k.before = []string{"bash", "-c", `ulimit -f 4096 && exec "$@"`, "bash"}
	// r10k fetches all branches, so that one without room fails them all.
	k.runsOutOfRoom(t, false, "")
}
