package deploy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

// recorder is a runner that takes a second for each job and remembers what ran
// at the same time.
type recorder struct {
	mu      sync.Mutex
	running map[string]int
	most    int
	twice   bool
	order   []int64
}

func (r *recorder) run(ctx context.Context, job Deployment) Result {
	r.mu.Lock()
	r.running[job.Environment]++
	r.twice = r.twice || r.running[job.Environment] > 1
	total := 0
	for _, count := range r.running {
		total += count
	}
	r.most = max(r.most, total)
	r.order = append(r.order, job.ID)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running[job.Environment]--
	}()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return Result{Failure: &Failure{Msg: "stopped"}}
	}
	if job.Environment == "bad" {
		return Result{Failure: &Failure{Msg: "bad"}}
	}
	return Result{Live: live.Environment{Signature: "sha of " + job.Environment}}
}

func startQueue(workers int) (*Queue, *recorder) {
	r := &recorder{running: map[string]int{}}
	return NewQueue(QueueOptions{Workers: workers, Run: r.run, Now: time.Now, TTL: time.Hour}), r
}

// statuses is how many deployments there are of each status.
func statuses(q *Queue) map[Status]int {
	counts := map[Status]int{}
	for _, d := range q.List() {
		counts[d.Status]++
	}
	return counts
}

func waitAll(t *testing.T, batches ...*Batch) []Deployment {
	t.Helper()
	var settled []Deployment
	for _, batch := range batches {
		found, err := batch.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		settled = append(settled, found...)
	}
	return settled
}

func TestPoolOfTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := startQueue(2)
		defer q.Close()
		started := time.Now()
		batch := q.Submit(Request{Environments: []string{"a", "b", "c", "bad"}})
		synctest.Wait()
		if got := statuses(q); got[Deploying] != 2 || got[Queued] != 2 {
			t.Errorf("statuses %v, want two deploying and two queued", got)
		}
		settled := waitAll(t, batch)
		if took := time.Since(started); took != 2*time.Second || r.most != 2 {
			t.Errorf("%d at once, in %s; want 2 in 2s", r.most, took)
		}
		for i, d := range settled {
			if d.ID != int64(i+1) {
				t.Errorf("id %d, want %d", d.ID, i+1)
			}
		}
		if settled[0].Status != Complete || settled[0].Live.Signature != "sha of a" ||
			settled[3].Status != Failed || settled[3].Failure.Msg != "bad" {
			t.Errorf("settled as %+v", settled)
		}
	})
}

func TestOneEnvironmentIsNeverDeployedTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := startQueue(4)
		defer q.Close()
		batch := q.Submit(Request{Environments: []string{"a"}})
		second := q.Submit(Request{Environments: []string{"a", "b"}})
		synctest.Wait()
		if got := statuses(q); got[Deploying] != 2 || got[Queued] != 1 {
			t.Errorf("statuses %v: a must be deploying and queued, b must not wait for it", got)
		}
		waitAll(t, batch, second)
		if r.twice || !slices.Equal(slices.Sorted(slices.Values(r.order)), []int64{1, 2, 3}) {
			t.Errorf("two at once: %t, order %v", r.twice, r.order)
		}
	})
}

func TestQueueIsFirstInFirstOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := startQueue(1)
		defer q.Close()
		waitAll(t, q.Submit(Request{Environments: []string{"d", "b", "a", "c"}}))
		if !slices.Equal(r.order, []int64{1, 2, 3, 4}) {
			t.Errorf("order %v", r.order)
		}
	})
}

func TestGivingUpChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := startQueue(1)
		defer q.Close()
		batch := q.Submit(Request{Environments: []string{"a"}})
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(gone)
		if _, err := batch.Wait(ctx); !errors.Is(err, gone) {
			t.Errorf("error %v, want the cause", err)
		}
		if got := waitAll(t, batch); got[0].Status != Complete {
			t.Errorf("status %s", got[0].Status)
		}
	})
}

func TestSettledDeploymentsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := startQueue(1)
		defer q.Close()
		waitAll(t, q.Submit(Request{Environments: []string{"bad"}}))
		time.Sleep(time.Hour) // the bubble's clock, not ours
		if _, found := q.Find(1); !found || statuses(q)[Failed] != 1 {
			t.Error("forgotten before the TTL was over")
		}
		time.Sleep(time.Nanosecond)
		if _, found := q.Find(1); found || len(q.List()) != 0 {
			t.Error("remembered after the TTL was over")
		}
		if id := q.Submit(Request{Environments: []string{"a"}}).Accepted[0].ID; id != 2 {
			t.Errorf("id %d, want 2", id)
		}
	})
}

func TestCloseSettlesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := startQueue(1)
		batch := q.Submit(Request{Environments: []string{"a", "b"}})
		synctest.Wait()
		started := time.Now()
		q.Close()
		late := q.Submit(Request{Environments: []string{"c"}})
		for _, d := range waitAll(t, batch, late) {
			if d.Status != Failed || d.Failure == nil {
				t.Errorf("%s is %s", d.Environment, d.Status)
			}
		}
		if took := time.Since(started); took != 0 {
			t.Errorf("Close took %s", took)
		}
	})
}

// TestFail: file sync can fail after the deployment.
func TestFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := startQueue(1)
		defer q.Close()
		waitAll(t, q.Submit(Request{Environments: []string{"a", "b"}}))
		q.Fail(2, &Failure{Msg: "not synced"})
		if got, _ := q.Find(2); got.Status != Failed || got.Failure.Msg != "not synced" || statuses(q)[Complete] != 1 {
			t.Errorf("deployment %+v, all %v", got, statuses(q))
		}
	})
}

// TestBranchAndEnvironment never deploy at once: they are one folder.
func TestBranchAndEnvironment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, _ := startQueue(2)
		defer q.Close()
		q.Submit(Request{Environments: []string{"feature/x", "feature_x"}})
		synctest.Wait()
		if got := statuses(q); got[Deploying] != 1 || got[Queued] != 1 {
			t.Errorf("statuses %v", got)
		}
	})
}
