package process

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A program inherits the environment, without the variables that lead git to another repository or
// change Ruby, and without our tokens. What tells git how to connect stays.
var (
	removed = []string{"GIT_", "RUBY", "GEM_", "BUNDLE_", "PUPPET_CODE_"}
	kept    = []string{"GIT_SSH", "GIT_SSL_", "GIT_ASKPASS", "GIT_HTTP_", "GIT_PROXY_", "GIT_CONFIG_"}
)

// Setting is one line of a configuration of git.
type Setting struct{ Key, Value string }

// settings are those of every git.
var settings = []Setting{
	// Files as in the repository; no hooks, no file system monitor, no background tasks.
	{"core.autocrlf", "false"},
	{"core.hooksPath", os.DevNull},
	{"core.fsmonitor", "false"},
	{"gc.autoDetach", "false"},
	{"maintenance.autoDetach", "false"},
	// The user named the repository, so git may read it.
	{"safe.bareRepository", "all"},
}

// environment has the inherited variables, and our git settings after the user's own GIT_CONFIG
// variables.
func environment(ours []string, more []Setting) []string {
	var env []string
	count := 0
	for _, entry := range ours {
		name, value, _ := strings.Cut(entry, "=")
		begins := func(prefix string) bool { return strings.HasPrefix(strings.ToUpper(name), prefix) }
		switch {
		case name == "GIT_CONFIG_COUNT":
			count, _ = strconv.Atoi(value)
		case !slices.ContainsFunc(removed, begins) || slices.ContainsFunc(kept, begins):
			env = append(env, entry)
		}
	}
	env = append(
		env,
		"LC_ALL=C.UTF-8", "LANGUAGE=", // English messages in UTF-8
		"GIT_TERMINAL_PROMPT=0",
		"GIT_NO_LAZY_FETCH=1",      // no fetching of missing objects in a partial clone
		"GIT_NO_REPLACE_OBJECTS=1", // a signature stands for its own content
	)
	for _, setting := range slices.Concat(settings, more) {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", count, setting.Key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", count, setting.Value))
		count++
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", count))
}
