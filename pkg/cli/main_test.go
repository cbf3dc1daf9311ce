package cli

import (
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

func TestHelpFitsTheScreen(t *testing.T) {
	sys, out, _ := testSystem()
	for _, command := range usage.Commands(newRootCommand(&app{sys: sys})) {
		line := command.CommandPath() + " --help"
		out.Reset()
		Main(t.Context(), strings.Fields(line)[1:], sys)
		for text := range strings.Lines(out.String()) {
			if len(text) > 81 || strings.Contains(text, "\t") {
				t.Errorf("%s: %d columns: %s", line, len(text), text)
			}
		}
		_, examples, _ := strings.Cut(out.String(), "Examples:\n")
		if examples, _, _ := strings.Cut(examples, "\n\n'puppet-code --help'"); !strings.Contains(examples, "puppet-code ") {
			t.Errorf("%s has no examples", line)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for line, want := range map[string]string{
		"--log-level loud status": "must be one of none, trace, debug, info, warn, error, fatal",
		"status production":       "unexpected argument \"production\": puppet-code status takes no arguments. To see its deployments: puppet-code status deploys production",
		"status --level debug":    "must be info",
		"print-config x":          "unexpected argument",
		"dry-run x":               "unexpected argument",
		"print-config -F table":   "must be json",
		"help nosuch":             "unknown command \"nosuch\"",
		"help status nosuch":      "there is no action \"nosuch\"",
		"completion":              "name one shell: bash, zsh, fish or powershell",
		"completion nosuch":       `unknown command "nosuch" for "puppet-code completion"`,
		"completion bash zsh":     `unknown command "zsh" for "puppet-code completion bash"`,
		"deploy a --retries -1":   "invalid argument \"-1\" for --retries: must be a whole number, zero or more",
	} {
		sys, out, stderr := testSystem()
		if status := Main(t.Context(), strings.Fields(line), sys); status != ExitUsage {
			t.Errorf("%s: status %d", line, status)
		}
		if !strings.HasPrefix(stderr.String(), "Error: ") || !strings.Contains(stderr.String(), want) || out.Len() > 0 {
			t.Errorf("%s: lacks %q:\n%s%s", line, want, stderr, out)
		}
	}
}

func TestMisspeltWordsGetSuggestions(t *testing.T) {
	for line, want := range map[string]string{
		"deplyo":             "deploy",
		"status dploys":      "deploys",
		"status deploy":      "deploys",
		"help depoly":        "deploy",
		"help status depoys": "deploys",
		"deploy --wiat":      "--wait",
		"--servcie-url x":    "--service-url",
		"dry-run --form x":   "--format",
		"watch production":   "wait",
		"sync":               "deploy",
		"ls":                 "dry-run\n\tstatus",
		"list":               "dry-run\n\tstatus",
	} {
		sys, _, stderr := testSystem()
		Main(t.Context(), strings.Fields(line), sys)
		if !strings.Contains(stderr.String(), "\n\nDid you mean this?\n\t"+want+"\n\nRun '") {
			t.Errorf("%s: said:\n%s", line, stderr)
		}
	}
}

func TestColoursFollowTheStream(t *testing.T) {
	sys, _, _ := testSystem()
	pipe, terminal := Stream{}, Stream{Terminal: true}
	for _, test := range []struct {
		env    map[string]string
		stream Stream
		want   bool
	}{
		{nil, pipe, false},
		{nil, terminal, true},
		{map[string]string{"NO_COLOR": "1"}, terminal, false},
		{map[string]string{"TERM": "dumb"}, terminal, false},
		{map[string]string{"FORCE_COLOR": "1"}, pipe, true},
		{map[string]string{"FORCE_COLOR": "0"}, pipe, false},
		{map[string]string{"FORCE_COLOR": "false"}, pipe, false},
		{map[string]string{"CLICOLOR_FORCE": "1"}, pipe, true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, pipe, false},
		{map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, pipe, true},
		{map[string]string{"CLICOLOR_FORCE": "1", "FORCE_COLOR": "1", "NO_COLOR": "1"}, terminal, false},
	} {
		sys.LookupEnv = func(name string) (string, bool) {
			value, ok := test.env[name]
			return value, ok
		}
		if got := sys.style(test.stream).Color; got != test.want {
			t.Errorf("%v, terminal %t: colours %t", test.env, test.stream.Terminal, got)
		}
	}
}
