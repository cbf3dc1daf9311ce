package faults

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// TestSoak runs only in .ci/soak. It deploys 1,000 times, one after the other, then with 200
// clients at once for the time in PUPPET_CODE_SOAK. No result may be lost or belong to another
// client, and the memory and goroutines of the Code Manager must not grow.
func TestSoak(t *testing.T) {
	text := os.Getenv("PUPPET_CODE_SOAK")
	if text == "" {
		t.Skip("set PUPPET_CODE_SOAK to a time such as 5m, or run .ci/soak")
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	const branches = 50
	n := harness.NewNetwork(t, sandbox.Options{Workers: 4, DeployTTL: 5 * time.Second})
	branch(t, n, branches)
	deploy := func(i int) {
		name := fmt.Sprintf("env_%d", i%branches)
		n.End(n.Start("deploy", name, "--wait", "--quiet"), 0, name+" complete")
	}
	for i := range 100 {
		deploy(i) // everything that is made once exists now
	}
	before := measure()
	t.Logf("after 100 deployments: %s", before)
	for i := range 1000 {
		deploy(i)
	}
	t.Logf("after 1,000 more, one after the other: %s", measure())

	var done sync.WaitGroup
	var mutex sync.Mutex
	deployed := 0
	end := time.Now().Add(length)
	for worker := range 200 {
		done.Go(func() {
			for i := worker; time.Now().Before(end); i++ {
				deploy(i)
				mutex.Lock()
				deployed++
				mutex.Unlock()
			}
		})
	}
	done.Wait()
	<-time.After(6 * time.Second) // past the TTL
	after := measure()
	t.Logf("after %d more by 200 clients at once in %s: %s", deployed, length, after)
	if after.goroutines > before.goroutines+20 {
		t.Errorf("goroutines grew from %d to %d", before.goroutines, after.goroutines)
	}
	if after.heap > 2*before.heap+32<<20 {
		t.Errorf("memory grew from %d MB to %d MB", before.heap>>20, after.heap>>20)
	}
}

// usage is the memory and the goroutines of the Code Manager in this process.
type usage struct {
	heap       uint64
	goroutines int
}

func (u usage) String() string {
	return fmt.Sprintf("%.1f MB of heap, %d goroutines", float64(u.heap)/(1<<20), u.goroutines)
}

func measure() usage {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{m.HeapAlloc, runtime.NumGoroutine()}
}

// branch makes branches env_0, env_1 … of production's commit.
func branch(t *testing.T, n *harness.Network, count int) {
	t.Helper()
	repo := n.Sandbox.ControlRepo()
	head, err := harness.Tip(repo, "production")
	if err != nil {
		t.Fatal(err)
	}
	for i := range count {
		if err := os.WriteFile(harness.BranchFile(repo, fmt.Sprintf("env_%d", i)), []byte(head+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
