package follow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// outage answers, but for ten looks in a row, and notes the time of each look.
type outage struct{ looks []time.Time }

func (o *outage) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	o.looks = append(o.looks, time.Now())
	if n := len(o.looks); n > 1 && n < 12 {
		return nil, errors.New("nobody answers")
	}
	return deploying("2031-07-09T10:00:00Z"), nil
}

// deploying is a status with one deployment under way, and production staged at a time.
func deploying(staged codemanager.Timestamp) *codemanager.DeploysStatus {
	status := &codemanager.DeploysStatus{}
	none := []codemanager.QueuedDeploy{}
	status.Deploys.New, status.Deploys.Queued, status.Deploys.Failed = none, none, none
	status.Deploys.Deploying = []codemanager.QueuedDeploy{{Environment: "testing", QueuedAt: "2031-07-09T10:00:00Z", ID: "7"}}
	status.Storage.Deployed = []codemanager.DeployedEnvironment{{Environment: "production", Date: staged, DeploySignature: "a"}}
	status.Clients.Clients = map[string]codemanager.FileSyncClient{}
	return status
}

// After an outage the looks are as frequent as at the beginning: what happened meanwhile shows soon.
func TestLooksAreFrequentAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outage{}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		_, _ = follow.Watch(ctx, o, nil, func(*follow.State) (bool, error) { return len(o.looks) > 12, nil }, follow.Options{})
		if len(o.looks) < 13 {
			t.Fatalf("%d looks", len(o.looks))
		}
		if wait := o.looks[12].Sub(o.looks[11]); wait > 1200*time.Millisecond {
			t.Errorf("the look after the outage came after %s", wait)
		}
	})
}

// Servers give the time of a staging in whole seconds, that of the queue in thousandths.
func TestFailureInTheSecondOfALaterStaging(t *testing.T) {
	status := deploying("2031-07-09T10:00:00Z")
	status.Deploys.Failed = []codemanager.QueuedDeploy{{Environment: "production", QueuedAt: "2031-07-09T10:00:00.500Z", ID: "6"}}
	state := follow.Read(status, nil)
	if len(state.Failures) != 1 || !state.Failures[0].Superseded {
		t.Errorf("failures %+v", state.Failures)
	}
}
