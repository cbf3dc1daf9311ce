package process

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// kept are the environment variables that a program inherits: for finding programs, and for the
// user's configuration, keys, credentials and proxies. A name that ends in an asterisk is a prefix.
// Not inherited are variables that point git to another repository or change Ruby, and our tokens.
var kept = []string{
	"PATH", "PATHEXT", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "XDG_*",
	"SSH_AUTH_SOCK", "SSH_ASKPASS*", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME", "GPG_TTY", "KRB5*",
	"GIT_SSH*", "GIT_SSL_*", "GIT_ASKPASS", "GIT_HTTP_*", "GIT_PROXY_*", "GIT_CONFIG_*",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_*", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
	"SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PROGRAMDATA", "PROGRAMFILES*", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA",
}

// Setting is one line of a configuration of git.
type Setting struct{ Key, Value string }

// settings are those of every git.
var settings = []Setting{
	// Files exactly as in the repository; no hooks, no file system monitor, no background tasks.
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
		switch {
		case name == "GIT_CONFIG_COUNT":
			count, _ = strconv.Atoi(value)
		case isKept(strings.ToUpper(name)):
			env = append(env, entry)
		}
	}
	// A UTF-8 locale; no prompts; no fetching of missing objects in a partial clone.
	env = append(env, "LC_ALL=C.UTF-8", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1")
	for _, setting := range slices.Concat(settings, more) {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", count, setting.Key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", count, setting.Value))
		count++
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", count))
}

func isKept(name string) bool {
	return slices.ContainsFunc(kept, func(pattern string) bool {
		prefix, all := strings.CutSuffix(pattern, "*")
		return name == pattern || all && strings.HasPrefix(name, prefix)
	})
}
