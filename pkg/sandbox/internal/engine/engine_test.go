package engine

import (
	"strings"
	"testing"
)

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"production": true, "A_1": true, strings.Repeat("x", 255): true,
		"": false, "../../etc": false, "-rf": false, "a\x00": false, "feature/x": false, "é": false,
		strings.Repeat("x", 256): false, ".": false, "a b": false, "a\n": false,
	} {
		if got := ValidName(name); got != want {
			t.Errorf("ValidName(%.20q) is %t", name, got)
		}
	}
}
