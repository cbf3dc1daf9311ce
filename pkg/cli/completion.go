package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

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
		if isPlainName(name) && strings.HasPrefix(name, begun) && !slices.Contains(given, name) {
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

// isPlainName rejects names with characters that a shell could interpret. r10k makes names only
// from letters, digits and underscores.
func isPlainName(name string) bool {
	return name != "" && codemanager.EnvironmentName(name) == name
}
