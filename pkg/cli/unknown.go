package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

// unknownNames is the error for names that are not among the known ones; nil if all are.
func unknownNames(asked, known []string) error {
	unknown := missingNames(asked, known)
	if len(unknown) == 0 {
		return nil
	}
	text := "Code Manager knows no environment " + strings.Join(unknown, ", ") + usage.DidYouMean(nearNames(unknown, known), "")
	return &exitError{err: errors.New(strings.TrimRight(text, "\n")), status: ExitFailure}
}

// missingNames are names, of environments or of their branches, that are not among the known ones.
func missingNames(asked, known []string) []string {
	return slices.DeleteFunc(slices.Clone(asked), func(name string) bool {
		return slices.Contains(known, name) || slices.Contains(known, codemanager.EnvironmentName(name))
	})
}

// nearNames are known names that are similar to unknown ones.
func nearNames(names, known []string) []string {
	var near []string
	for _, other := range slices.Sorted(slices.Values(known)) {
		if slices.ContainsFunc(names, func(name string) bool { return name != other && usage.Near(name, other) }) {
			near = append(near, other)
		}
	}
	return near
}

// environmentNames are all environments of a state.
func environmentNames(state *follow.State) []string {
	var list []string
	for _, e := range state.Environments {
		list = append(list, e.Name)
	}
	return list
}

// deployedNames are environments that were deployed, without those that have always failed.
func deployedNames(state *follow.State) []string {
	var list []string
	for _, e := range state.Environments {
		if e.Signature != "" || follow.InFlight(e.Status) || e.Status == follow.Live {
			list = append(list, e.Name)
		}
	}
	return list
}

// suggest adds similar names to the failure of unknown environments. State is the wait's, nil without
// one.
func (o *deployOptions) suggest(state *follow.State, err error) error {
	failed, before := onlyFailures(err), state.Before()
	if failed == nil || before == nil || o.all {
		return err
	}
	var missing []string
	for _, d := range failed.list {
		if isGone(d) && codemanager.EnvironmentName(d.Environment) == d.Environment {
			missing = append(missing, d.Environment)
		}
	}
	ended := failed.error()
	if near := nearNames(missing, deployedNames(before)); len(near) > 0 {
		ended.advice = []string{strings.TrimSpace(usage.DidYouMean(near, ""))}
	}
	return ended
}

// notThereBefore warns about environments that did not exist before their deletion: their names may be
// misspelt. Before is the estate before the deployment, nil if it is not known.
func (a *app) notThereBefore(before *follow.State, names []string) {
	if before == nil {
		return
	}
	for _, name := range names {
		if e := before.Environment(codemanager.EnvironmentName(name)); e != nil && isThere(*e) {
			continue
		}
		similar := ""
		if near := nearNames([]string{name}, deployedNames(before)); len(near) > 0 {
			similar = " Did you mean " + strings.Join(near, ", ") + "?"
		}
		a.say("Warning: %s was not deployed before: there was nothing to delete.%s", output.CleanLine(name), similar)
	}
}
