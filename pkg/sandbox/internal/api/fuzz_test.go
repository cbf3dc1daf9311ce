package api

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// Any body is a request that names environments, or is refused with a reason.
func FuzzDeployRequest(f *testing.F) {
	for _, body := range []string{
		`{"environments":["production","feature/x"],"wait":true}`, `{"deploy-all":true,"deploy-modules":false,"modules":["ntp"]}`,
		`{"dry_run":true}`, `{"dry-run":true,"x":[[{}]]}`, `{"wait":true,"wait":false}`, `{"environments":["../../etc","-rf",".git","","\u0000"]}`,
		strings.Repeat("[", 40), `{} {}`, `null`, "", "\xff",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request, refused := readDeployRequest(bytes.NewReader(body))
		if refused != nil {
			if refused.status != 400 || refused.kind != KindInvalidRequest || refused.msg == "" {
				t.Fatalf("%+v", refused)
			}
			return
		}
		if !request.DeployAll && !request.DryRun && !request.DryRunHyphen && len(request.Environments) == 0 {
			t.Fatalf("nothing to deploy: %+v", request)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(request.Environments)))) != len(request.Environments) {
			t.Fatalf("a name twice: %q", request.Environments)
		}
		for _, name := range request.Environments {
			if engine.ValidName(name) && strings.ContainsAny(name, "./\\-\x00 ") {
				t.Fatalf("%q may come near a path", name)
			}
		}
	})
}
