package output_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// looked is a state with old failures of one environment, and a compiler that is behind and one that is
// down.
func looked(failures int) *follow.State {
	const staged = "2026-07-09T09:10:00.000Z"
	checkedIn := codemanager.Timestamp("2026-07-09T10:00:00.000Z")
	state := &follow.State{
		Clock:        time.Date(2026, 7, 9, 10, 0, 5, 0, time.UTC),
		Environments: []follow.Environment{{Name: "production", Status: codemanager.StatusComplete, Signature: sha, Since: staged}},
		Compilers: []follow.Compiler{
			{Host: "c1.example.com", LastCheckIn: &checkedIn, Standing: follow.Behind, Different: 2},
			{Host: "c2.example.com", Standing: follow.Down},
		},
	}
	for i := range failures {
		f := follow.Failure{Superseded: i > 0}
		f.Environment, f.ID, f.QueuedAt = "testing", codemanager.ID(fmt.Sprint(9-i)), codemanager.Timestamp(fmt.Sprintf("2026-07-09T09:%02d:00.000Z", 30-i))
		f.Error = &codemanager.ErrorObject{Msg: "ERROR\t -> Command failed:\nStderr:\nfatal: it broke\nExit code: 128\n"}
		state.Failures = append(state.Failures, f)
	}
	return state
}

func deploysStatus(t *testing.T, style output.Style, state *follow.State, opts output.DeploysOptions) string {
	t.Helper()
	var b strings.Builder
	if err := output.DeploysStatus(&b, style, state, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Times are in the zone that the headers name, and of each environment the latest failure is shown.
func TestDeploysStatus(t *testing.T) {
	const want = `
ENVIRONMENT  STATE     SIGNATURE                                 SINCE (CEST)         AGE
production   complete  482f8d3adc76b5197306c5d4c8aa32aa8315694b  2026-07-09 11:10:00  50 min

COMPILER        IN SYNC  DIFFERENT  LAST CHECK-IN (CEST)  AGE
c1.example.com  no               2  2026-07-09 12:00:00   5 s
c2.example.com  down             ?  never

FAILURE  QUEUED AT (CEST)     ID  ERROR
testing  2026-07-09 11:30:00   9  fatal: it broke
Not shown: 2 earlier failures of these environments (use --all-failures).
`
	zone := time.FixedZone("CEST", 2*60*60)
	if got := deploysStatus(t, output.Style{}, looked(3), output.DeploysOptions{Zone: zone}); got != want[1:] {
		t.Errorf("got:\n%s\nwant:\n%s", got, want[1:])
	}
	if got := deploysStatus(t, output.Style{}, looked(2), output.DeploysOptions{Zone: zone}); !strings.HasSuffix(got, "\nNot shown: one earlier failure of these environments (use --all-failures).\n") {
		t.Errorf("got:\n%s", got)
	}
	const all = `
FAILURE  QUEUED AT (UTC)      ID  ERROR
testing  2026-07-09 09:30:00   9  fatal: it broke
testing  2026-07-09 09:29:00   8  (deployed since) fatal: it broke
`
	if got := deploysStatus(t, output.Style{}, looked(2), output.DeploysOptions{Zone: time.UTC, AllFailures: true}); !strings.HasSuffix(got, all) {
		t.Errorf("got:\n%s\nwant at the end:\n%s", got, all)
	}
}

// Only what failed or is not in sync needs attention.
func TestWhatNeedsAttention(t *testing.T) {
	state := looked(3)
	state.Environments = append(state.Environments, follow.Environment{Name: "testing", Status: codemanager.StatusFailed, Since: "2026-07-09T09:30:00.000Z"})
	state.Compilers = append(state.Compilers, follow.Compiler{Host: "c3.example.com", Standing: follow.InSync})
	const want = `
ENVIRONMENT  STATE   SIGNATURE  SINCE (UTC)          AGE
testing      failed             2026-07-09 09:30:00  30 min

COMPILER        IN SYNC  DIFFERENT  LAST CHECK-IN (UTC)  AGE
c1.example.com  no               2  2026-07-09 10:00:00  5 s
c2.example.com  down             ?  never

FAILURE  QUEUED AT (UTC)      ID  ERROR
testing  2026-07-09 09:30:00   9  fatal: it broke
`
	if got := deploysStatus(t, output.Style{}, state, output.DeploysOptions{Zone: time.UTC, Attention: true}); got != want[1:] {
		t.Errorf("got:\n%s\nwant:\n%s", got, want[1:])
	}
	state.Environments, state.Compilers, state.Failures = state.Environments[:1], state.Compilers[2:], nil
	if got := deploysStatus(t, output.Style{}, state, output.DeploysOptions{Zone: time.UTC, Attention: true}); got != "Nothing needs attention.\n" {
		t.Errorf("got:\n%s", got)
	}
}

// A narrow terminal gets fewer columns, and whole words.
func TestDeploysStatusAt40Columns(t *testing.T) {
	state := looked(2)
	state.Environments[0].Name = "feature_with_a_long_name"
	state.Compilers[1].Host = "primary-01.eu-central-1.example.com-orchestrator"
	state.Failures[0].Error.Msg = "ERROR\t -> Could not resolve desired ref 'v9.9' and no default provided"
	const want = `
ENVIRONMENT         STATE     SIGNATURE
feature_with_a_     complete  482f8d3adc
long_name

COMPILER              IN SYNC  DIFFERENT
c1.example.com        no               2
primary-01.eu-        down             ?
central-1.example.
com-orchestrator

FAILURE  ID  ERROR
testing   9  Could not resolve desired
             ref 'v9.9' and no default
             provided
Not shown: one earlier failure of these
  environments (use --all-failures).
`
	if got := deploysStatus(t, output.Style{Width: 40}, state, output.DeploysOptions{Zone: time.UTC}); got != want[1:] {
		t.Errorf("got:\n%s\nwant:\n%s", got, want[1:])
	}
}
