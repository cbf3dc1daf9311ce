package output_test

import (
	"bytes"
	"cmp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

func deployments(t *testing.T, text string) []codemanager.Deployment {
	t.Helper()
	var list []codemanager.Deployment
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

const (
	sha   = "482f8d3adc76b5197306c5d4c8aa32aa8315694b"
	mixed = `[{"environment":"production","id":3,"status":"complete","deploy-signature":"` + sha + `"},
		{"environment":"nope","id":12,"status":"failed","error":{"kind":"puppetlabs.code-manager/deploy-failure",
		"msg":"Errors while deploying environment 'nope' (exit code: 1):\nERROR\t -> Environment(s) 'nope' cannot be found in any source and will not be deployed.\n"}},
		{"environment":"next","id":13,"status":"queued"}]`
)

func table(t *testing.T, style output.Style, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := output.Deployments(&b, style, deployments(t, text), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A wait knows the commits before.
func TestDeploymentsTableShowsWhatChanged(t *testing.T) {
	state := &follow.State{Environments: []follow.Environment{
		{Name: "production", Before: shaBefore, BeforeKnown: true},
		{Name: "next", BeforeKnown: true},
	}}
	const want = `
ENVIRONMENT  STATUS    ID  SIGNATURE, ERROR
production   complete   3  25ba88a1f2 -> 482f8d3adc
nope         failed    12  Environment(s) 'nope' cannot be found in any source …
next         queued    13
`
	list := deployments(t, mixed)
	var b bytes.Buffer
	if err := output.Deployments(&b, output.Style{Width: 80}, list, state); err != nil || b.String() != want[1:] {
		t.Errorf("%v, got:\n%s\nwant:\n%s", err, &b, want[1:])
	}
	b.Reset()
	if err := output.Deployments(&b, output.Style{Width: 40}, list[:1], state); err != nil || b.String() != "ENVIRONMENT  STATUS    ID  SIGNATURE\nproduction   complete   3  482f8d3adc\n" {
		t.Errorf("%v, on a narrow terminal:\n%s", err, &b)
	}
	if got := output.Changes(list, state); got != "" {
		t.Errorf("an environment has no commit, and it counts %q", got)
	}
	list[1].DeploySignature, list[2].DeploySignature = sha, sha
	state.Environments = append(state.Environments, follow.Environment{Name: "nope", Before: sha, BeforeKnown: true})
	if got := output.Changes(list, state); got != "1 changed, 1 new, 1 unchanged" {
		t.Errorf("it counts %q", got)
	}
}

func TestLongNamesAreWhole(t *testing.T) {
	name := strings.Repeat("feature_", 9)
	got := table(t, output.Style{Width: 80}, `[{"environment":"`+name+`","id":1,"status":"complete","deploy-signature":"`+sha+`"}]`)
	var joined strings.Builder
	for line := range strings.Lines(got) {
		first, _, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		joined.WriteString(first)
	}
	if !strings.Contains(joined.String(), name) || !strings.Contains(got, sha[:10]) || strings.Contains(got, sha) {
		t.Errorf("got:\n%s", got)
	}
}

func TestReason(t *testing.T) {
	for in, want := range map[string]string{
		`{"environment":"x","status":"failed"}`:                                                                                                   "the server gives no reason",
		`{"environment":"x","error":{"kind":"k/failure"}}`:                                                                                        "k/failure",
		`{"environment":"x","error":{"msg":"one\nERROR\t -> two\n\n"}}`:                                                                           "two",
		`{"environment":"x","error":{"msg":"^"}}`:                                                                                                 "^",
		`{"environment":"x","error":{"msg":"see a -> b"}}`:                                                                                        "see a -> b",
		`{"environment":"x","error":{"msg":"ERROR -> cannot be found in any source."}}`:                                                           "cannot be found in any source. The branch may have been deleted, or never pushed.",
		`{"environment":"a/b","error":{"msg":"cannot be found in any source.","details":{"corrected-name":"a_b"}}}`:                               "cannot be found in any source. The environment is called a_b.",
		`{"environment":"a/b","error":{"msg":"cannot be found in any source.","details":{"corrected-env-name":"a_b"}}}`:                           "cannot be found in any source. The environment is called a_b.",
		`{"environment":"a/b","error":{"msg":"cannot be found in any source.","details":{"env-name":"a_b"}}}`:                                     "cannot be found in any source. The environment is called a_b.",
		`{"environment":"a/b","error":{"msg":"ERROR -> Environment(s) 'a_b' cannot be found in any source.","details":{"corrected-name":"a_b"}}}`: "Environment(s) 'a_b' cannot be found in any source. The branch may have been deleted, or never pushed.",
		`{"environment":"a_b","error":{"msg":"ERROR -> Environment \"x/y\" contained non-word characters, ignoring it.\nERROR -> Environment \"a/b\" contained non-word characters, ignoring it.\nERROR -> cannot be found in any source."}}`: "cannot be found in any source. The server ignores the branch a/b because of characters in its name: rename the branch, or change invalid_branches in r10k's settings.",
		`{"environment":"ab","error":{"msg":"cannot be found in any source.","details":{"corrected-name":"ab"}}}`:                                                                                                                             "cannot be found in any source. The branch may have been deleted, or never pushed.",
	} {
		var d codemanager.Deployment
		if err := json.Unmarshal([]byte(in), &d); err != nil {
			t.Fatal(err)
		}
		if got := (output.Style{}).Reason(d); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestHealth(t *testing.T) {
	const running = codemanager.StateRunning
	services := func(name, state string) map[string]string { return map[string]string{name: state} }
	for _, test := range []struct {
		status codemanager.ServiceStatus
		want   string
	}{
		{codemanager.ServiceStatus{State: running, FileSync: "enabled", Services: services("file-sync-storage", running)}, ""},
		{codemanager.ServiceStatus{State: running}, ""},
		{codemanager.ServiceStatus{State: "error"}, "Code Manager reports invalid configuration: "},
		{codemanager.ServiceStatus{State: "unknown"}, "Code Manager is not running: its state is unknown."},
		{codemanager.ServiceStatus{State: running, Services: services("file-sync-storage", "unknown")}, "File sync storage reports unknown status: "},
		{codemanager.ServiceStatus{State: running, Services: services("other", "error")}, "other is not running: its state is error."},
		{codemanager.ServiceStatus{State: running, FileSync: "disabled"}, "File sync is disabled: "},
		{codemanager.ServiceStatus{State: running, HTTPStatus: 503}, "The server reports that it is running, but answered with HTTP status 503"},
	} {
		test.status.HTTPStatus = cmp.Or(test.status.HTTPStatus, 200)
		got := output.HealthProblems(test.status)
		if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], test.want)) {
			t.Errorf("%+v: %q, want %q", test.status, got, test.want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain\tand\nlines":     "plain\tand\nlines",
		"\x1b[31mred":           `\x1b[31mred`,
		"bell\a back\b":         `bell\a back\b`,
		"\u202eevil":            `\u202eevil`,
		"\u2066a\u2069":         `\u2066a\u2069`,
		"bad \xff byte":         `bad \xff byte`,
		"\u009b31m":             `\u009b31m`,
		"wide 日本, e\u0301, 👩‍🔧": "wide 日本, e\u0301, 👩‍🔧",
		"\ufeffbom":             `\ufeffbom`,
	} {
		if got := output.Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
