package cli

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// lifetimeForm is the format of a lifetime in the API of the token service.
var lifetimeForm = regexp.MustCompile(`^([0-9]{1,18})([ydhms]?)$`)

// lifetimeUnits are the units in seconds.
var lifetimeUnits = map[string]float64{"y": 365 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1, "": 1}

// lifetime is a flag with a lifetime: 4h, 30d, 1y. Its text is kept for the server.
type lifetime struct{ text string }

// String, Set and Type make it a pflag.Value.
func (l *lifetime) String() string { return l.text }

// Set checks the form. The maximum is the server's.
func (l *lifetime) Set(text string) error {
	if !lifetimeForm.MatchString(text) {
		return errors.New("must be a number followed by y, d, h, m or s, such as 4h or 30d")
	}
	l.text = text
	return nil
}

// Type is the placeholder for the argument in the help.
func (l *lifetime) Type() string { return "time" }

// seconds is the lifetime, 0 if it is not set.
func (l *lifetime) seconds() float64 {
	parts := lifetimeForm.FindStringSubmatch(l.text)
	if parts == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(parts[1], 64) // has only digits
	return n * lifetimeUnits[parts[2]]
}

// newTokenOptions are the flags of commands that get a new token.
type newTokenOptions struct {
	lifetime           lifetime
	label, description string
}

func (n *newTokenOptions) add(command *cobra.Command) {
	f := command.Flags()
	f.Var(&n.lifetime, "lifetime", "make the token valid for this `time`: 4h, 30d, 1y; 0 is the longest that the server allows (default: the server's, usually 1h)")
	f.StringVar(&n.label, "label", "", "give the token this `name` (unique among your tokens)")
	f.StringVar(&n.description, "description", "", "describe the token with this `text`")
}

// options are the options of the request. The server checks them.
func (n *newTokenOptions) options() rbac.TokenOptions {
	return rbac.TokenOptions{Lifetime: n.lifetime.text, Label: n.label, Description: n.description, Client: "puppet-code"}
}
