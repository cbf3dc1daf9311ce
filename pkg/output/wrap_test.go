package output_test

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/puppet-code/puppet-code/pkg/output"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		width    int
		in, want string
	}{
		{0, "one two three", "one two three"},
		{13, "one two three", "one two three"},
		{12, "one two three\nfour\n", "one two\n  three\nfour\n"},
		{9, "one two three four", "one two\n  three\n  four"},
		{9, "at https://localhost:8170 now", "at\n  https://localhost:8170\n  now"},
		{11, "\x1b[31mError:\x1b[0m a b c d", "\x1b[31mError:\x1b[0m a b\n  c d"},
		{12, "  one two three", "  one two\n    three"},
		{8, "日本 日本 日本", "日本\n  日本\n  日本"},
		{16, "get one with `puppet access login` now", "get one with\n  `puppet access login`\n  now"},
		{16, "a ` that stands alone here", "a ` that stands\n  alone here"},
		{20, "To follow it: puppet-code status deploys --watch", "To follow it:\n  puppet-code status deploys --watch"},
		{20, "the program puppet-code is it", "the program\n  puppet-code is it"},
	} {
		if got := output.Wrap(test.in, test.width); got != test.want {
			t.Errorf("Wrap(%q, %d) is %q, want %q", test.in, test.width, got, test.want)
		}
	}
}

// Wrapping removes nothing and breaks no word.
func FuzzWrap(f *testing.F) {
	f.Add("Error: no answer to POST https://localhost/v1: refused\nWhat to do: `a b` c", 20)
	f.Fuzz(func(t *testing.T, in string, width int) {
		got := output.Wrap(in, width)
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(in), " ") {
			t.Errorf("Wrap(%q, %d) is %q", in, width, got)
		}
		for line := range strings.Lines(got) {
			line = strings.TrimSpace(line)
			if width > 2 && text.StringWidthWithoutEscSequences(line) > width && !strings.Contains(in, line) {
				t.Errorf("Wrap(%q, %d): %q was put together", in, width, line)
			}
		}
	})
}
