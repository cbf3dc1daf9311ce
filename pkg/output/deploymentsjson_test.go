package output_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// However many there are, they come out as WriteJSON would write them.
func TestDeploymentsJSON(t *testing.T) {
	defer goleak.VerifyNone(t)
	w := output.NewDeploymentsJSON()
	for _, count := range []int{0, 1, 2, 600, 30_000} {
		var text strings.Builder
		for i := range count {
			fmt.Fprintf(&text, `%c{"status":"failed","environment":"e%d","z":{"b":"%s","a":[]}}`, ",["[min(1, max(0, 1-i))], i, strings.Repeat("x", i%300))
		}
		answer := "[" + strings.TrimPrefix(text.String(), "[") + "]"
		if err := codemanager.ReadDeployments(strings.NewReader(answer), w); err != nil {
			t.Fatal(err)
		}
		var got, want bytes.Buffer
		if err := w.Write(&got); err != nil {
			t.Fatal(err)
		}
		if err := output.WriteJSON(&want, deployments(t, answer)); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%d environments: %d bytes, want %d; begins\n%.300s", count, got.Len(), want.Len(), &got)
		}
		w.Reset()
	}
	w.Close()
}

func TestDeploymentsJSONThatNobodyWants(t *testing.T) {
	defer goleak.VerifyNone(t)
	w := output.NewDeploymentsJSON()
	one := `{"environment":"` + strings.Repeat("x", 100_000) + `"}`
	for range 2 {
		if err := codemanager.ReadDeployments(strings.NewReader("["+one+","+one+","+one+"]"), w); err != nil {
			t.Fatal(err)
		}
		w.Reset()
	}
	if err := codemanager.ReadDeployments(strings.NewReader(`[{"environment":"a"}]`), w); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := w.Write(&b); err != nil || b.String() != "[\n  {\n    \"environment\": \"a\"\n  }\n]\n" {
		t.Errorf("%v, %q", err, b.String())
	}
	w.Close()
}
