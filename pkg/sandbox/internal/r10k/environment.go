package r10k

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// childEnvironment is what a child may know of ours: how to find programs, its
// user's configuration, keys and proxies. Variables of Git and Ruby that would
// change what it does are left out.
func childEnvironment(ours []string) []string {
	keep := []string{
		"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND",
		"GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
		"SYSTEMROOT", "USERPROFILE", "TEMP", "TMP",
	}
	env := slices.DeleteFunc(slices.Clone(ours), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.Contains(keep, strings.ToUpper(name))
	})
	settings := []string{
		// Files as they are in the repository; no hooks of somebody's templates;
		// nothing that goes on in the background.
		"core.autocrlf=false", "core.hooksPath=" + os.DevNull, "gc.autoDetach=false", "maintenance.autoDetach=false",
	}
	env = append(env, "LC_ALL=C.UTF-8", "GIT_TERMINAL_PROMPT=0", fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings)))
	for i, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, value))
	}
	return env
}
