package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

//go:generate go test -run TestCompletionFiles|TestManPages$ -update .

// completionTime limits the wait after pressing TAB. completionAge is how long cached names are
// used. completionDownAge is how long an unreachable server is not asked again.
const (
	completionTime    = time.Second
	completionAge     = time.Minute
	completionDownAge = 10 * time.Second
)

// completionCommand is the prefix of Cobra's hidden commands. Shells call them with the words of
// the command line, the last of which is incomplete.
const completionCommand = "__complete"

// completeOptions completes the values of all options: a choice by its words, a `file` by files, and
// others by nothing. It removes the backquotes from the texts of options. In the help they mark the
// placeholder, but a shell would show them.
func completeOptions(root *cobra.Command) {
	for _, command := range usage.Commands(root) {
		command.LocalFlags().VisitAll(func(f *pflag.Flag) {
			var placeholder string
			placeholder, f.Usage = pflag.UnquoteUsage(f)
			with := cobra.NoFileCompletions
			if c, ok := f.Value.(*choice); ok {
				with = cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
			} else if placeholder == "file" || f.NoOptDefVal != "" {
				return
			}
			if err := command.RegisterFlagCompletionFunc(f.Name, with); err != nil {
				panic(err) // it is declared, and completed once
			}
		})
	}
}

// completeEnvironments offers the environments that the server knows and that are not on the
// command line yet. On any error it offers nothing and prints nothing: a message would appear in
// the middle of the line that the user types.
func (a *app) completeEnvironments(cmd *cobra.Command, given []string, begun string) ([]string, cobra.ShellCompDirective) {
	const none = cobra.ShellCompDirectiveNoFileComp
	for _, excludes := range []string{"all", "dry-run", "id"} {
		if f := cmd.Flags().Lookup(excludes); f != nil && f.Changed {
			return nil, none
		}
	}
	var offered []string
	for _, name := range a.knownEnvironments(cmd) {
		// A shell could interpret other characters than r10k's: letters, digits and underscores.
		plain := name != "" && codemanager.EnvironmentName(name) == name
		if plain && strings.HasPrefix(name, begun) && !slices.Contains(given, name) {
			offered = append(offered, name)
		}
	}
	return offered, none
}

// knownEnvironments asks the cache, then the server.
func (a *app) knownEnvironments(cmd *cobra.Command) []string {
	silent := &app{sys: a.sys, flags: a.flags, set: cmd.Flags(), secrets: a.secrets}
	silent.sys.In = strings.NewReader("") // --token-file - is for the command itself
	silent.sys.Err = Stream{Writer: io.Discard}
	silent.flags.logLevel.value = "none"
	cfg, err := silent.config()
	if err != nil {
		return nil
	}
	cache := newEnvironmentCache(a.sys.CacheDir, cfg.ServiceURL.Text)
	if names, ok := cache.read(time.Now()); ok {
		return names
	}
	client, err := silent.client(tokenRequired)
	if err != nil {
		return nil
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	status, err := client.WithoutRetries().DeploysStatus(ctx)
	if err != nil {
		if is[*codemanager.ConnectionError](err) {
			cache.write(cachedEnvironments{Down: true})
		}
		return nil
	}
	names := slices.DeleteFunc(deployedNames(follow.Read(status, nil)), a.secrets.has)
	cache.write(cachedEnvironments{Environments: names})
	return names
}

// environmentCache keeps the names of environments for completion, in a file for each service URL
// that only its user can read.
type environmentCache struct {
	// path is "" if nothing can be cached.
	path string
	url  string
}

// cachedEnvironments is the content of the file.
type cachedEnvironments struct {
	ServiceURL   string   `json:"service-url"`
	Environments []string `json:"environments"`
	// Down is true if the server could not be reached.
	Down bool `json:"down,omitzero"`
}

func newEnvironmentCache(dir, serviceURL string) environmentCache {
	if dir == "" || serviceURL == "" {
		return environmentCache{}
	}
	sum := sha256.Sum256([]byte(serviceURL))
	name := "environments-" + hex.EncodeToString(sum[:8]) + ".json"
	return environmentCache{path: filepath.Join(dir, "puppet-code", name), url: serviceURL}
}

// read returns the names if they are fresh, and an empty list for a server that was just
// unreachable. It ignores a file from the future: somebody has set the clock back.
func (c environmentCache) read(now time.Time) ([]string, bool) {
	info, err := os.Stat(c.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, false
	}
	text, err := os.ReadFile(c.path)
	var kept cachedEnvironments
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.ServiceURL != c.url {
		return nil, false
	}
	limit := completionAge
	if kept.Down {
		limit = completionDownAge
	}
	age := now.Sub(info.ModTime())
	return kept.Environments, age >= 0 && age <= limit
}

// write replaces the file in one step: two shells may complete at once. If it fails, the server is
// asked again next time.
func (c environmentCache) write(kept cachedEnvironments) {
	if c.path == "" {
		return
	}
	kept.ServiceURL = c.url
	text, err := json.Marshal(kept)
	dir := filepath.Dir(c.path)
	if err != nil || os.MkdirAll(dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(dir, ".environments-*") // with mode 0600
	if err != nil {
		return
	}
	_, err = file.Write(text)
	if errors.Join(err, file.Close()) != nil || os.Rename(file.Name(), c.path) != nil {
		_ = os.Remove(file.Name())
	}
}
