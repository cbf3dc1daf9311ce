package usage_test

import (
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

func TestFlagError(t *testing.T) {
	for arg, want := range map[string]string{
		"--timout":      "unknown flag: --timout\n\nDid you mean this?\n\t--timeout\n",
		"--work":        "unknown flag: --work\n\nDid you mean this?\n\t--workers\n",
		"--nonsense":    "unknown flag: --nonsense",
		"-x":            "unknown shorthand flag: 'x' in -x",
		"--workers":     "flag needs an argument: --workers",
		"--timeout=5":   `invalid argument "5" for --timeout: must be a number with a unit, such as 90s or 15m`,
		"--workers=1.5": `invalid argument "1.5" for --workers: must be a whole number`,
		"--quiet=maybe": `invalid argument "maybe" for --quiet: must be true or false, or left out`,
		"--ip=here":     `invalid argument "here" for --ip: failed to parse IP: "here"`,
	} {
		command := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true, Run: func(*cobra.Command, []string) {}}
		declare(command.Flags())
		command.SetFlagErrorFunc(usage.FlagError)
		command.SetArgs([]string{arg})
		if err := command.Execute(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", arg, err, want)
		}
	}
}

func declare(flags *pflag.FlagSet) {
	flags.Duration("timeout", time.Second, "")
	flags.Int("workers", 1, "")
	flags.BoolP("quiet", "q", false, "")
	flags.IP("ip", nil, "")
}
