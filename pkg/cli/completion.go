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

// completionTime bounds what a person waits for after pressing TAB,
// completionAge how long names are taken from the cache, and completionDownAge
// how long a server that could not be reached is not asked again.
const (
	completionTime    = time.Second
	completionAge     = time.Minute
	completionDownAge = 10 * time.Second
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

// completionCommand begins the names of Cobra's hidden commands, which shells
// call with the words of the command line, the last of them begun.
const completionCommand = "__complete"

// plainUsage takes the backquotes out of the texts of options, which mark the
// name of the value in the help, and are no more than backquotes in a shell.
func plainUsage(root *cobra.Command) {
	for _, command := range usage.Commands(root) {
		for _, flags := range []*pflag.FlagSet{command.PersistentFlags(), command.Flags()} {
			flags.VisitAll(func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") })
		}
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
		if is[*codemanager.ConnectionError](err) {
			_ = cache.write(cachedEnvironments{Down: true})
		}
		return nil
	}
	names := slices.DeleteFunc(deployedNames(follow.Read(status, nil)), func(name string) bool {
		return !isPlainName(name) || a.secrets.has(name)
	})
	_ = cache.write(cachedEnvironments{Environments: names}) // if not, the server is asked again
	return names
}

// isPlainName keeps everything from a shell that could mean more to it than a
// name. r10k makes names of letters, digits and underscores.
func isPlainName(name string) bool {
	return name != "" && codemanager.EnvironmentName(name) == name
}
