package sandbox

import (
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// heap is how much memory is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// TestHundredsOfRequests sends 150 at once, at night 500, for 50 environments; every other one
// waits.
func TestHundredsOfRequests(t *testing.T) {
	testneeds.Time(t)
	const branches = 50
	requests := int64(150)
	if testneeds.Nightly() {
		requests = 500
	}
	// Client and server are one process, and a connection of both holds about
	// 100 KiB while it is open.
	const maxMemory = 128 << 20
	repo := gittest.New(t)
	want := map[string]string{}
	for i := range branches {
		name := fmt.Sprintf("env%d", i)
		want[name] = repo.Commit(t, name, gittest.Files{"name": name})
	}
	h := start(t, Options{ControlRepo: repo.Path, Compilers: 1, SyncInterval: DefaultSyncInterval})
	h.client.Timeout = 5 * time.Minute // on a machine with other work
	before := heap()
	answers := make([][]deployment, requests)
	var clients sync.WaitGroup
	for i := range requests {
		clients.Go(func() {
			body := fmt.Sprintf(`{"environments": ["env%d"], "wait": %t}`, i%branches, i%2 == 0)
			status, text := h.do(h.request(t.Context(), http.MethodPost, "/v1/deploys", body))
			if err := unmarshal([]byte(text), &answers[i]); err != nil || status != http.StatusOK {
				t.Errorf("request %d: status %d, %v: %s", i, status, err, text)
			}
		})
	}
	clients.Wait()
	if used := int64(heap()) - int64(before); used > maxMemory {
		t.Errorf("%d MiB more than before", used>>20)
	}
	var ids []int64
	for i, answer := range answers {
		if len(answer) != 1 {
			t.Fatalf("request %d: %+v", i, answer)
		}
		d := answer[0]
		ids = append(ids, *d.ID)
		if i%2 == 0 && (d.Status != complete || d.DeploySignature != want[d.Environment]) {
			t.Errorf("request %d: %+v", i, d)
		}
	}
	slices.Sort(ids)
	if int64(len(slices.Compact(ids))) != requests || ids[0] != 1 || ids[len(ids)-1] != requests {
		t.Errorf("ids from %d to %d", ids[0], ids[len(ids)-1])
	}
	eventually(t, "the queue is empty", func() bool {
		status := h.deploysStatus().Deploys
		return len(status.Queued)+len(status.Deploying) == 0
	})
	for name := range want {
		if tree := gittest.Tree(t, filepath.Join(h.environments(), name)); tree["name"] != name {
			t.Errorf("%s holds %v", name, tree)
		}
	}
	if next := h.deploy(`{"environments": ["env0"]}`)["env0"]; *next.ID != requests+1 {
		t.Errorf("the next id is %d", *next.ID)
	}
}
