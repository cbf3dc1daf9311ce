package cli

import (
	"strings"
	"testing"
)

func TestExpectedCommitMayBeAPrefix(t *testing.T) {
	live := "ABCDEF0123456789abcdef0123456789abcdef01"
	for commit, want := range map[string]bool{
		"abcdef0": true, strings.ToLower(live): true, "abcdef1": false, strings.ToLower(live) + "00": false,
	} {
		if got := (expectation{commit: commit}).meets(live); got != want {
			t.Errorf("%s: %v, want %v", commit, got, want)
		}
	}
	if (expectation{commit: "abcdef0"}).meets("") {
		t.Error("no commit meets one")
	}
}
