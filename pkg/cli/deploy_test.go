package cli

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// testSystem has buffers for streams and an empty environment.
func testSystem() (sys System, out, err *bytes.Buffer) {
	out, err = &bytes.Buffer{}, &bytes.Buffer{}
	return System{
		In:        strings.NewReader(""),
		Out:       Stream{Writer: out},
		Err:       Stream{Writer: err},
		LookupEnv: func(string) (string, bool) { return "", false },
		Build:     version.Info{Version: "1.2.3"},
	}, out, err
}

func testApp() *app {
	sys, _, _ := testSystem()
	return testAppOf(sys)
}

func testAppOf(sys System) *app {
	return &app{sys: sys, set: pflag.NewFlagSet("", pflag.ContinueOnError)}
}

// parseDeploy returns the request that a command line of deploy makes.
func parseDeploy(t *testing.T, args ...string) (codemanager.DeployRequest, string, error) {
	t.Helper()
	sys, _, stderr := testSystem()
	var request *codemanager.DeployRequest
	command := newDeployCommand(&app{sys: sys}, func(_ context.Context, o *deployOptions) (*result, error) {
		r := o.request()
		request = &r
		return nil, nil
	})
	command.SetArgs(args)
	command.SilenceErrors, command.SilenceUsage = true, true
	err := command.Execute()
	if (err == nil) != (request != nil) {
		t.Fatalf("error %v, and request %v", err, request)
	}
	if request == nil {
		request = &codemanager.DeployRequest{}
	}
	return *request, stderr.String(), err
}

func TestDeployFlags(t *testing.T) {
	no := false
	for line, want := range map[string]codemanager.DeployRequest{
		"production":                            {Environments: []string{"production"}},
		"production testing -w":                 {Environments: []string{"production", "testing"}, Wait: true},
		"--all":                                 {DeployAll: true},
		"--dry-run":                             {DeployAll: true, Wait: true, DryRun: true},
		"production --dry-run":                  {DeployAll: true, Wait: true, DryRun: true},
		"--all --no-modules":                    {DeployAll: true, DeployModules: &no},
		"production --modules ntp,apache":       {Environments: []string{"production"}, Modules: []string{"ntp", "apache"}},
		"feature/foo":                           {Environments: []string{"feature/foo"}},
		"-- -rf":                                {Environments: []string{"-rf"}},
		"production --format=JSON --no-modules": {Environments: []string{"production"}, DeployModules: &no},
	} {
		got, _, err := parseDeploy(t, strings.Fields(line)...)
		if len(got.Environments) == 0 {
			got.Environments = nil
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v, want %+v", line, got, err, want)
		}
	}
}

// canned is a deployer with one answer.
type canned struct {
	answer string
	err    error
	got    codemanager.DeployRequest
}

func (c *canned) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	return &codemanager.DeploysStatus{}, nil
}

func (c *canned) Deploy(_ context.Context, req codemanager.DeployRequest) (list []codemanager.Deployment, err error) {
	c.got = req
	if c.err != nil {
		return nil, c.err
	}
	return list, json.Unmarshal([]byte(c.answer), &list)
}

func runCanned(t *testing.T, c *canned, o *deployOptions) (stdout, stderr string, err error) {
	t.Helper()
	sys, out, errs := testSystem()
	o.app, o.format = testAppOf(sys), newFormat()
	o.client = func() (follow.Deployer, error) { return c, nil }
	o.app.result, err = runDeploy(t.Context(), o)
	err = o.app.finish(err)
	return out.String(), errs.String(), err
}

func TestOutcomes(t *testing.T) {
	production := []string{"production"}
	for name, test := range map[string]struct {
		answer string
		opts   deployOptions
		status int
		want   string // in the error
	}{
		"complete":                {`[{"environment":"production","status":"complete"}]`, deployOptions{environments: production, wait: true}, 0, ""},
		"queued":                  {`[{"environment":"production","status":"queued"}]`, deployOptions{environments: production}, 0, ""},
		"pending, of old":         {`[{"environment":"production","status":"pending"}]`, deployOptions{environments: production}, 0, ""},
		"queued, but wait":        {`[{"environment":"production","status":"queued"}]`, deployOptions{environments: production, wait: true}, 8, "answered before the deployment ended"},
		"a status of the future":  {`[{"environment":"production","status":"paused"}]`, deployOptions{environments: production}, 8, "production is paused"},
		"no status":               {`[{"environment":"production"}]`, deployOptions{environments: production}, 8, "production is without a status"},
		"one of two failed":       {`[{"environment":"a","status":"complete"},{"environment":"b","status":"failed"}]`, deployOptions{all: true, wait: true}, 3, "1 of 2 environments failed"},
		"failed and queued":       {`[{"environment":"a","status":"queued"},{"environment":"b","status":"failed"}]`, deployOptions{all: true}, 3, "1 of 2 environments failed"},
		"an error, no status":     {`[{"environment":"production","error":{"msg":"x"}}]`, deployOptions{environments: production}, 3, "1 of 1 environment failed"},
		"failed, no wait":         {`[{"environment":"production","status":"failed"}]`, deployOptions{environments: production}, 3, "1 of 1 environment failed"},
		"nothing":                 {`[]`, deployOptions{all: true}, 1, "found no environment"},
		"nothing to a dry run":    {`[]`, deployOptions{all: true, dryRun: true}, 1, "found no environment"},
		"a dry run":               {`[{"environment":"a"}]`, deployOptions{all: true, dryRun: true, wait: true}, 0, ""},
		"a dry run that deployed": {`[{"environment":"a","id":1,"status":"queued"}]`, deployOptions{all: true, dryRun: true, wait: true}, 8, "may have deployed"},
		"another one":             {`[{"environment":"a","status":"complete"}]`, deployOptions{environments: []string{"a", "b"}, wait: true}, 8, "answered before the deployment ended"},
		"another one, no wait":    {`[{"environment":"a","status":"queued"}]`, deployOptions{environments: []string{"a", "b"}}, 8, "does not mention b"},
		"under the name of r10k":  {`[{"environment":"feature_foo","status":"complete"}]`, deployOptions{environments: []string{"feature/foo"}, wait: true}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, err := runCanned(t, &canned{answer: test.answer}, &test.opts)
			if got := exitStatus(err); got != test.status {
				t.Errorf("status %d, want %d: %v", got, test.status, err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error lacks %q: %v", test.want, err)
			}
			var list []map[string]any
			if err := json.Unmarshal([]byte(stdout), &list); err != nil {
				t.Errorf("the result is lost: %q", stdout)
			}
			if err == nil && strings.Contains(stderr, "[") {
				t.Errorf("standard error has a [: %s", stderr)
			}
		})
	}
}

func TestFailuresAreExplained(t *testing.T) {
	const one = `{"environment":"a","status":"failed","error":{"msg":"Errors while deploying environment 'a' (exit code: 1):\nERROR\t -> it\u001b broke\nat [x]\n"}}`
	others := func(count int) string {
		return "[" + one + strings.Repeat(`,{"environment":"b","status":"failed"}`, count) + "]"
	}
	for answer, want := range map[string]string{
		others(1): `Found 2 environments.
Error: 2 of 2 environments failed:
  a: it\x1b broke
    at (x)
  b: the server gives no reason
`,
		others(14): `Found 15 environments.
Error: 15 of 15 environments failed:
  a: it\x1b broke
  b, b, b, b, b, b, b, b, b, b and 4 more: the server gives no reason
`,
	} {
		if _, stderr, _ := runCanned(t, &canned{answer: answer}, &deployOptions{all: true}); stderr != want {
			t.Errorf("said:\n%s", stderr)
		}
	}
}

// As many reasons as a person reads, each once.
func TestFailuresWithTheSameReasonShareALine(t *testing.T) {
	var failed []codemanager.Deployment
	for i := range 30 {
		failed = append(failed, codemanager.Deployment{Environment: fmt.Sprint("e", i), Error: &codemanager.ErrorObject{Msg: fmt.Sprint("reason ", i/2*2)}})
	}
	sys, _, _ := testSystem()
	a := &app{sys: sys}
	got := a.failures(append(failed, failed...)[:50])
	if !strings.Contains(got, "\n  e2, e3, e2, e3: reason 2\n") || strings.Count(got, "\n") != 15 {
		t.Errorf("got:\n%s", got)
	}
	for i := range 50 {
		failed = append(failed, codemanager.Deployment{Environment: fmt.Sprint("f", i), Error: &codemanager.ErrorObject{Msg: fmt.Sprint("other ", i)}})
	}
	if got := a.failures(failed); strings.Count(got, "\n") != 21 || !strings.HasSuffix(got, "\n  And 45 more reasons.\n") {
		t.Errorf("got:\n%s", got)
	}
}

// hanging is a deployer whose server accepts the request and says nothing.
type hanging struct{ canned }

func (hanging) Deploy(ctx context.Context, _ codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	<-ctx.Done()
	return nil, &codemanager.ConnectionError{Method: http.MethodPost, Sent: true, Err: context.Cause(ctx)}
}

// A request that does not wait ends by itself; --timeout replaces the limit.
func TestServerThatNeverAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		opts   deployOptions
		after  time.Duration
		status int
	}{
		"deploy":            {deployOptions{environments: []string{"a"}}, 5 * time.Minute, 8},
		"dry run":           {deployOptions{all: true, wait: true, dryRun: true}, 5 * time.Minute, 5},
		"deploy, --timeout": {deployOptions{environments: []string{"a"}, timeout: 10 * time.Minute}, 10 * time.Minute, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sys, _, _ := testSystem()
				test.opts.app, test.opts.format = testAppOf(sys), newFormat()
				test.opts.client = func() (follow.Deployer, error) { return &hanging{}, nil }
				began := time.Now()
				_, err := runDeploy(t.Context(), &test.opts)
				if took := time.Since(began); took != test.after || exitStatus(err) != test.status {
					t.Errorf("after %s: status %d, %v", took, exitStatus(err), err)
				}
			})
		})
	}
}
