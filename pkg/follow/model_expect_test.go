package follow_test

import (
	"strings"

	"github.com/puppet-code/puppet-code/pkg/follow"
)

// meets is what --expect says (rule 6).
func meets(e follow.Environment, commit string) bool {
	return commit != "" && strings.HasPrefix(e.Live, commit)
}
