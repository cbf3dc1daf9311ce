package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

// unknownEnvironments is the error for names that the server does not know. Near are similar names of
// known environments.
func unknownEnvironments(names, near []string) error {
	text := "Code Manager knows no environment " + strings.Join(names, ", ") + usage.DidYouMean(near, "")
	return &exitError{err: errors.New(strings.TrimRight(text, "\n")), status: ExitFailure}
}

// unknownNames is the error for names that are not among the known ones; nil if all are.
func unknownNames(asked, known []string) error {
	unknown := missingNames(asked, known)
	if len(unknown) == 0 {
		return nil
	}
	return unknownEnvironments(unknown, nearNames(unknown, known))
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

// quickLook is the estate, nil if the server does not answer within two seconds.
func quickLook(ctx context.Context, client follow.Looker) *follow.State {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	status, err := client.DeploysStatus(ctx)
	if err != nil {
		return nil
	}
	return follow.Read(status, nil)
}

// suggest adds similar names to the failure of unknown environments.
func (o *deployOptions) suggest(ctx context.Context, client follow.Deployer, err error) error {
	failed := onlyFailures(err)
	if failed == nil || !o.wait || o.dryRun || o.all {
		return err
	}
	var missing []string
	for _, d := range failed.list {
		if isGone(d) && codemanager.EnvironmentName(d.Environment) == d.Environment {
			missing = append(missing, d.Environment)
		}
	}
	if len(missing) == 0 {
		return err
	}
	ended := failed.error()
	if estate := quickLook(ctx, client); estate != nil {
		if near := nearNames(missing, deployedNames(estate)); len(near) > 0 {
			ended.advice = []string{strings.TrimSpace(usage.DidYouMean(near, ""))}
		}
	}
	return ended
}

// notThereBefore warns about an environment that did not exist before its deletion, and refuses it
// if its name is probably misspelt. Before is the estate before the deployment, nil if it is not known.
func (a *app) notThereBefore(before *follow.State, names []string) error {
	if before == nil {
		return nil
	}
	var there []string
	for _, e := range before.Environments {
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
			return unknownEnvironments([]string{name}, near)
		}
		a.say("Warning: %s was not deployed before: there was nothing to delete.", output.CleanLine(name))
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
