package cli

import (
	"testing"

	"github.com/puppet-code/puppet-code/pkg/follow"
)

// A wait says which compilers it did not wait for, also if that is all of them.
func TestWarningAboutCompilersThatAreDown(t *testing.T) {
	up, down := follow.Compiler{Host: "c1"}, follow.Compiler{Host: "c2", Standing: follow.Down}
	for want, state := range map[string]*follow.State{
		"": {Compilers: []follow.Compiler{up}},
		"Warning: did not wait for compilers that have not checked in for 15 minutes, or never did: c2.\n":       {Compilers: []follow.Compiler{up, down}},
		"Warning: did not wait for any compiler, because none has checked in for 15 minutes, or ever: c2, c2.\n": {Compilers: []follow.Compiler{down, down}},
	} {
		sys, _, stderr := testSystem()
		(&app{sys: sys}).warnPassedOver(state)
		if got := stderr.String(); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
}
