package output_test

import (
	"bytes"
	"errors"
	"maps"
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

func TestJSONHasNoCommands(t *testing.T) {
	value := map[string]string{"a": "##[error]x ###[b##[", "##[": "#", "b": "##\n[##"}
	var b bytes.Buffer
	var got map[string]string
	err := errors.Join(output.WriteJSON(&b, value), json.Unmarshal(b.Bytes(), &got))
	if err != nil || strings.Contains(b.String(), "##[") || !maps.Equal(got, value) {
		t.Errorf("%v, %s", err, &b)
	}
}
