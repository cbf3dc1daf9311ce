package cli

import (
	"maps"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// Each environment took until a look showed its outcome; one that the last look did not show, until the
// end of the wait. Environments without an outcome have no time.
func TestHowLongEachEnvironmentTook(t *testing.T) {
	began := time.Now()
	after := func(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }
	list := []codemanager.Deployment{
		{Environment: "first", Status: codemanager.StatusComplete},
		{Environment: "second", Status: codemanager.StatusFailed},
		{Environment: "last", Status: codemanager.StatusComplete},
		{Environment: "commit", Status: codemanager.StatusComplete},
		{Environment: "unseen", Status: codemanager.StatusComplete},
		{Environment: "open", Status: codemanager.StatusDeploying},
	}
	state := &follow.State{Environments: []follow.Environment{
		{Name: "first", Status: codemanager.StatusComplete, Seen: after(2)},
		{Name: "second", Status: codemanager.StatusFailed, Seen: after(5)},
		{Name: "commit", Status: codemanager.StatusComplete, Seen: after(1), Began: after(1)},
		{Name: "last", Status: follow.Syncing, Seen: after(6)},
		{Name: "open", Status: codemanager.StatusDeploying, Seen: after(1)},
	}}
	for name, test := range map[string]struct {
		watched watch
		want    map[string]time.Duration
	}{
		"a wait":         {watch{began, 9 * time.Second, state}, map[string]time.Duration{"first": 2e9, "second": 5e9, "commit": 9e9, "last": 9e9, "unseen": 9e9}},
		"without a look": {watch{began, 9 * time.Second, nil}, map[string]time.Duration{"first": 9e9, "second": 9e9, "commit": 9e9, "last": 9e9, "unseen": 9e9}},
		"no wait":        {watch{}, map[string]time.Duration{}},
	} {
		if got := test.watched.each(list); !maps.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
