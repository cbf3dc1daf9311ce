package output

import (
	"fmt"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// change is the commit of an environment, and what a wait knows of the commit before: one of
// "87752c07da -> bacea3c7a8", "bacea3c7a8 (unchanged)", "bacea3c7a8 (new)" and "bacea3c7a8".
func (s Style) change(e follow.Environment) string {
	to := shorten(s.line(e.Signature))
	switch {
	case e.Signature == "" || !e.BeforeKnown:
		return to
	case e.Before == "":
		return to + " (new)"
	case e.Before == e.Signature:
		return to + " (unchanged)"
	default:
		return shorten(s.line(e.Before)) + " -> " + to
	}
}

// changed is a deployment as an environment, with the commit before if the state of the wait has it. The
// state may be nil.
func changed(d codemanager.Deployment, state *follow.State) follow.Environment {
	result := follow.Environment{Name: d.Environment, Signature: d.DeploySignature}
	if state != nil {
		if e := state.Environment(d.Environment); e != nil {
			result.Before, result.BeforeKnown = e.Before, e.BeforeKnown
		}
	}
	return result
}

// Changes counts what deployments changed, such as "2 changed, 1 new, 1 unchanged". It is "" unless the
// wait knows the commit before of each.
func Changes(list []codemanager.Deployment, state *follow.State) string {
	replaced, created, unchanged := 0, 0, 0
	for _, d := range list {
		switch e := changed(d, state); {
		case !e.BeforeKnown || e.Signature == "":
			return ""
		case e.Before == "":
			created++
		case e.Before == e.Signature:
			unchanged++
		default:
			replaced++
		}
	}
	var words []string
	for _, count := range []struct {
		n    int
		what string
	}{{replaced, "changed"}, {created, "new"}, {unchanged, "unchanged"}} {
		if count.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", count.n, count.what))
		}
	}
	return strings.Join(words, ", ")
}
