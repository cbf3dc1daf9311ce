package follow_test

import (
	"strings"

	"github.com/puppet-code/puppet-code/pkg/follow"
)

// meets is what --expect says (rule 6). It is not known if a compiler is missing from the last look.
func meets(state *follow.State, e follow.Environment, commit string) (met, known bool) {
	has := func(found string) bool { return commit != "" && strings.HasPrefix(found, commit) }
	return has(e.Live), has(e.Live) || !has(e.Current) || len(state.Hosts(follow.Missing)) == 0
}
