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
	"github.com/puppet-code/puppet-code/pkg/config"
)

//go:generate go test -run TestCompletionFiles|TestManPages$ -update .

// completionTime bounds what a person waits for after pressing TAB, and
// completionAge how long names are taken from the cache.
const (
	completionTime = time.Second
	completionAge  = time.Minute
)

// withCompletion says for each action and option what a shell may complete:
// names of environments, the words of a choice, files where files are due, and
// nothing elsewhere.
func withCompletion(root *cobra.Command, a *app) {
	for _, command := range allCommands(root) {
		switch command.CommandPath() {
		case "puppet-code deploy", "puppet-code status deploys":
			command.ValidArgsFunction = a.completeEnvironments
		case "puppet-code completion":
			command.ValidArgsFunction = completeShells
		default:
			command.ValidArgsFunction = cobra.NoFileCompletions
		}
		command.LocalFlags().VisitAll(func(f *pflag.Flag) { completeFlag(command, f) })
	}
}

func completeFlag(command *cobra.Command, f *pflag.Flag) {
	complete := cobra.NoFileCompletions
	switch {
	case f.Name == config.KeyCACert || f.Name == config.KeyTokenFile || f.Name == "config-file":
		return // files, which is what a shell does by itself
	case f.Value.Type() == "bool":
		return
	default:
		if words := wordsOf(f.Value); words != nil {
			complete = cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
		}
	}
	// The one error is a second registration: a global option is seen again at
	// each action.
	_ = command.RegisterFlagCompletionFunc(f.Name, complete)
}

func wordsOf(value pflag.Value) []string {
	if c, ok := value.(*choice); ok {
		return c.words
	}
	return nil
}

func completeShells(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completionShells, cobra.ShellCompDirectiveNoFileComp
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
	snapshot, err := client.DeploysStatus(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, environment := range codemanager.NewOverview(snapshot, nil).Environments {
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
	return name != "" && codemanager.CorrectedName(name) == name
}
