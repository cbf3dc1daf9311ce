package output_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// tame checks that a text does nothing to a terminal except move to the next line.
func tame(t *testing.T, shown string) {
	t.Helper()
	if !utf8.ValidString(shown) {
		t.Fatalf("no UTF-8: %q", shown)
	}
	for _, r := range shown {
		if r != '\n' && r != '\t' && r != '\u200c' && r != '\u200d' && !unicode.IsPrint(r) {
			t.Fatalf("%U in %q", r, shown)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[31m", "\u202e", "\xff", "e\u0301", "👩‍🔧", "日本\t\n", "\u009b", "\ue000\U000e0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tame(t, output.Clean(s))
		line := output.CleanLine(s)
		tame(t, line)
		if strings.ContainsAny(line, "\n\t") {
			t.Fatalf("%q is more than a line", line)
		}
		tame(t, output.Style{}.Reason(codemanager.Deployment{Error: &codemanager.ErrorObject{Msg: s}}))
	})
}

func FuzzTables(f *testing.F) {
	f.Add("production", "complete", sha, "", 80)
	f.Add("日本語の環境", "failed", "", "a\nERROR\t -> it broke 👩‍🔧 e\u0301", 40)
	f.Add("0", "complete", "\xf4]\x05Ψ", "", 170)
	f.Add("\x1b[2J", "\x07", "\u202e", "\xff", 20)
	f.Add(strings.Repeat("feature_", 30), "failed", "", strings.Repeat("z ", 300), 40)
	f.Add(strings.Repeat("x", 300), "failed", strings.Repeat("y", 300), strings.Repeat("z ", 300), 80)
	f.Fuzz(func(t *testing.T, name, status, signature, message string, width int) {
		width = 40 + int(uint(width)%200)
		d := codemanager.Deployment{Environment: name, Status: codemanager.Status(status), DeploySignature: signature}
		if message != "" {
			d.Error = &codemanager.ErrorObject{Msg: message}
		}
		var b bytes.Buffer
		if err := output.Deployments(&b, output.Style{Width: width}, []codemanager.Deployment{d, {Environment: "second"}}, nil); err != nil {
			t.Fatal(err)
		}
		tame(t, b.String())
		if !strings.Contains(b.String(), "second") {
			t.Fatalf("a row is lost:\n%s", &b)
		}
		short := !slices.ContainsFunc(strings.SplitAfter(output.CleanLine(name), "_"), func(part string) bool { return len(part) > 12 })
		for line := range strings.Lines(b.String()) {
			if n := text.StringWidthWithoutEscSequences(line); n > width && short && len(output.CleanLine(status)) < 10 {
				t.Fatalf("%d columns of %d: %q", n, width, line)
			}
		}
		e := follow.Environment{Name: name, Status: codemanager.Status(status), Signature: signature, Error: d.Error}
		lines := output.Frame(progress(e), output.Style{Width: width}, 24, time.Second, time.Time{})
		for _, line := range lines {
			tame(t, line)
			if text.StringWidthWithoutEscSequences(line) > width {
				t.Fatalf("%d columns of %d: %q", text.StringWidthWithoutEscSequences(line), width, line)
			}
		}
		b.Reset()
		if err := output.WriteJSON(&b, []codemanager.Deployment{d}); err != nil {
			t.Fatal(err)
		}
	})
}
