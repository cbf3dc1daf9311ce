package cli

import (
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// notThereBefore warns about an environment that did not exist before its deletion, and refuses it
// if its name is probably misspelt. Before is the server's answer before the deployment, nil
// without an answer.
func (a *app) notThereBefore(before *codemanager.DeploysStatus, names []string) error {
	if before == nil {
		return nil
	}
	var there []string
	for _, e := range follow.Read(before, nil).Environments {
		if isThere(e) {
			there = append(there, e.Name)
		}
	}
	for _, name := range names {
		environment := codemanager.EnvironmentName(name)
		if slices.Contains(there, environment) {
			continue
		}
		near := slices.DeleteFunc(slices.Clone(there), func(other string) bool { return !misspelt(environment, other) })
		if len(near) > 0 {
			return &unknownEnvironmentError{names: []string{name}, near: near}
		}
		a.notice("Warning: %s was not deployed before: there was nothing to delete.", output.CleanLine(name))
	}
	return nil
}

// shortest is the minimum length of a name that counts as misspelt, because any two short names are
// similar.
const shortest = 4

// misspelt reports whether a name is another with one letter too many, missing or wrong, or with two
// swapped. Names are different on purpose if they differ in a digit (issue_1, issue_2), or in a word of
// one letter (team_a, team_b).
func misspelt(name, other string) bool {
	before := 0
	for before < min(len(name), len(other)) && name[before] == other[before] {
		before++
	}
	a, b := name[before:], other[before:]
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	swapped := len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	switch {
	case len(name) < shortest, name == other, strings.ContainsAny(a+b, "0123456789"):
		return false
	case len(a) == 1 && len(b) == 1:
		after := before + 1
		return before > 0 && name[before-1] != '_' || after < len(name) && name[after] != '_'
	default:
		return swapped || len(a)+len(b) == 1
	}
}
