package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

//go:generate go test -run TestCompletionFiles|TestManPages$ -update .

// completionTime bounds what a person waits for after pressing TAB, and
// completionAge how long names are taken from the cache.
const (
	completionTime = time.Second
	completionAge  = time.Minute
)

// completeChoice completes the value of an option that takes one of some words.
func completeChoice(command *cobra.Command, option string, c *choice) {
	complete(command, option, cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
}

// noCompletion completes nothing, also no files.
func noCompletion(command *cobra.Command, option string) {
	complete(command, option, cobra.NoFileCompletions)
}

func complete(command *cobra.Command, option string, with cobra.CompletionFunc) {
	// Its errors are an option that is not declared, or declared twice.
	if err := command.RegisterFlagCompletionFunc(option, with); err != nil {
		panic(err)
	}
}

// completeEnvironments offers the environments that the server knows and that
// are not on the command line yet. Whatever goes wrong, it offers nothing and
// says nothing: a message would land in the middle of what a person types.
func (a *app) completeEnvironments(cmd *cobra.Command, given []string, begun string) ([]string, cobra.ShellCompDirective) {
	const none = cobra.ShellCompDirectiveNoFileComp
	for _, excludes := range []string{"all", "dry-run", "id"} {
		if f := cmd.Flags().Lookup(excludes); f != nil && f.Changed {
			return nil, none
		}
	}
	var offered []string
	for _, name := range a.knownEnvironments(cmd) {
		if strings.HasPrefix(name, begun) && !slices.Contains(given, name) {
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
		return nil
	}
	var names []string
	for _, environment := range follow.Read(status, nil).Environments {
		if isPlainName(environment.Name) && !a.secrets.has(environment.Name) {
			names = append(names, environment.Name)
		}
	}
	_ = cache.write(names) // the server is asked again then
	return names
}

// isPlainName keeps everything from a shell that could mean more to it than a
// name. r10k makes names of letters, digits and underscores.
func isPlainName(name string) bool {
	return name != "" && codemanager.EnvironmentName(name) == name
}
