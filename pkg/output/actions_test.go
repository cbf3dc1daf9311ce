package output_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/output"
)

func TestForActions(t *testing.T) {
	for in, want := range map[string]string{
		"a::b\n::stop-commands::x":      "a::b\n: :stop-commands::x",
		"  ::error::x\n\t::a":           "  : :error::x\n\t: :a",
		"\u00a0::debug::x":              "\u00a0: :debug::x",
		"see ##[error]x ##[##[group]":   "see # #[error]x # #[# #[group]",
		"Error: [POST /deploys][401] x": "Error: [POST /deploys][401] x",
		":::a":                          ": ::a",
	} {
		if got := output.ForActions(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestActionsJSON(t *testing.T) {
	value := map[string]string{"a": "##[error]x ###[b##[", "##[": "#", "b": "##\n[##"}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []int{1, 2, 3, 1000} {
		var b bytes.Buffer
		w := output.ActionsJSON(&b)
		for rest := slices.Concat(text, []byte("\n")); len(rest) > 0; rest = rest[min(split, len(rest)):] {
			if _, err := w.Write(rest[:min(split, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		var got map[string]string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || strings.Contains(b.String(), "##[") || len(got) != 3 ||
			got["a"] != value["a"] || got["##["] != "#" || got["b"] != value["b"] {
			t.Errorf("in pieces of %d: %v, %s", split, err, &b)
		}
	}
	if _, err := output.ActionsJSON(fullDisk{}).Write([]byte("{}")); err == nil {
		t.Error("no error of a full disk")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
