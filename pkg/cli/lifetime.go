package cli

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/rbac"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

const day = 24 * time.Hour

// lifetimeForm is the format of a lifetime in the API of the token service.
var lifetimeForm = regexp.MustCompile(`^([0-9]+)([ydhms]?)$`)

var lifetimeUnits = map[string]time.Duration{"y": 365 * day, "d": day, "h": time.Hour, "m": time.Minute, "s": time.Second, "": time.Second}

// lifetime is a flag with a lifetime: 4h, 30d, 1y. Its text is kept for the server.
type lifetime struct{ text string }

// String, Set and Type make it a pflag.Value.
func (l *lifetime) String() string { return l.text }

// Set checks the form. The maximum is the server's.
func (l *lifetime) Set(text string) error {
	if len(text) > 19 || !lifetimeForm.MatchString(text) { // 18 digits fit a number
		return errors.New("must be a number followed by y, d, h, m or s, such as 4h or 30d")
	}
	l.text = text
	return nil
}

// Type is the placeholder for the argument in the help.
func (l *lifetime) Type() string { return "time" }

// duration is the lifetime, limited to 292 years, the maximum of a Duration.
func (l *lifetime) duration() time.Duration {
	parts := lifetimeForm.FindStringSubmatch(l.text)
	if parts == nil {
		return 0
	}
	n, _ := strconv.ParseInt(parts[1], 10, 64) // has at most 18 digits
	unit := lifetimeUnits[parts[2]]
	return min(time.Duration(n), math.MaxInt64/unit) * unit
}

// newTokenOptions are the flags of commands that get a new token.
type newTokenOptions struct {
	lifetime           lifetime
	label, description string
}

// maxLabel is how many characters a label can have.
const maxLabel = 200

func (n *newTokenOptions) add(command *cobra.Command) {
	f := command.Flags()
	f.Var(&n.lifetime, "lifetime", "make the token valid for this `time`: 4h, 30d, 1y; 0 is the longest that the server allows (default: the server's, usually 1h)")
	f.StringVar(&n.label, "label", "", "give the token this `name` (unique among your tokens)")
	f.StringVar(&n.description, "description", "", "describe the token with this `text`")
	command.SetFlagErrorFunc(lifetimeNotLogLevel)
}

// lifetimeNotLogLevel helps people who know -l from puppet access.
func lifetimeNotLogLevel(cmd *cobra.Command, err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if ok && invalid.GetFlag().Name == "log-level" && lifetimeForm.MatchString(invalid.GetValue()) {
		return fmt.Errorf("-l is --log-level here. For a token that is valid for %s, use --lifetime %s", invalid.GetValue(), invalid.GetValue())
	}
	return usage.FlagError(cmd, err)
}

// options checks the flags.
func (n *newTokenOptions) options() (rbac.TokenOptions, error) {
	for name, text := range map[string]string{"label": n.label, "description": n.description} {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return rbac.TokenOptions{}, wrongUsage(fmt.Errorf("--%s must be one line of UTF-8", name))
		}
	}
	switch length := utf8.RuneCountInString(n.label); {
	case strings.Contains(n.label, ","):
		return rbac.TokenOptions{}, wrongUsage(errors.New("--label must not contain a comma"))
	case length > maxLabel:
		return rbac.TokenOptions{}, wrongUsage(fmt.Errorf("--label has %d characters; the limit is %d", length, maxLabel))
	}
	return rbac.TokenOptions{Lifetime: n.lifetime.text, Label: n.label, Description: n.description, Client: "puppet-code"}, nil
}
