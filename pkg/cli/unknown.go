package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

// unknownEnvironmentError has names of environments that the server does not know.
type unknownEnvironmentError struct {
	names []string
	// near are similar names of known environments.
	near []string
}

func (e *unknownEnvironmentError) Error() string {
	text := "Code Manager knows no environment " + strings.Join(e.names, ", ") + usage.DidYouMean(e.near, "")
	return strings.TrimRight(text, "\n")
}

// unknownNames is the error for names, of environments or of their branches, that are not among the
// known ones; nil if all are.
func unknownNames(asked, known []string) error {
	unknown := &unknownEnvironmentError{}
	for _, name := range asked {
		if !slices.Contains(known, name) && !slices.Contains(known, codemanager.EnvironmentName(name)) {
			unknown.names = append(unknown.names, name)
		}
	}
	if len(unknown.names) == 0 {
		return nil
	}
	unknown.near = nearNames(unknown.names, known)
	return unknown
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

// suggest adds similar names to the failure of unknown environments.
func (o *deployOptions) suggest(ctx context.Context, client follow.Deployer, err error) error {
	failed, ok := errors.AsType[*failedError](err)
	if !ok || !o.wait || o.dryRun || o.all {
		return err
	}
	var missing []string
	for _, d := range failed.failed {
		if isGone(d) && codemanager.EnvironmentName(d.Environment) == d.Environment {
			missing = append(missing, d.Environment)
		}
	}
	if len(missing) == 0 {
		return err
	}
	if status := glance(ctx, client); status != nil {
		failed.near = nearNames(missing, deployedNames(follow.Read(status, nil)))
	}
	return err
}
