package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
)

// redacted stands wherever a token would be printed.
const redacted = "<redacted>"

// maxToken bounds a token, in bytes. Those of PE have 44, with claims some hundreds.
const maxToken = 64 << 10

// Token is the secret that Code Manager asks for. Printed, logged or encoded
// in any way it reads <redacted>.
type Token struct{ secret string }

// Reveal is the token itself, for the one header it belongs in.
func (t Token) Reveal() string { return t.secret }

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.secret == "" }

// String is "<redacted>", or "" where there is no token.
func (t Token) String() string {
	if t.IsZero() {
		return ""
	}
	return redacted
}

// Format keeps every verb of package fmt from the secret.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// MarshalText keeps encoders from the secret.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue keeps loggers from the secret.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// TokenError is a token that is missing, unreadable or malformed.
type TokenError struct {
	// Missing is true where there is none at all.
	Missing bool
	text    string
	err     error
}

func (e *TokenError) Error() string { return e.text }
func (e *TokenError) Unwrap() error { return e.err }

// matchesFormats reports whether a text looks like a token: three parts with
// dots between (JWT), or one (a token of PE's RBAC), of letters, digits, _ and -.
func matchesFormats(text string) bool {
	parts := strings.Split(text, ".")
	return (len(parts) == 1 || len(parts) == 3) && !slices.ContainsFunc(parts, func(part string) bool {
		return part == "" || strings.Trim(part, tokenCharacters) != ""
	})
}

const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// ReadToken reads the token from where the configuration says, and says where
// that was. A token file named on the command line comes before the token in
// the environment. The error is a *TokenError.
func (c Config) ReadToken(stdin io.Reader) (Token, Origin, error) {
	if c.envToken != "" && c.TokenFile.Origin.Layer != LayerFlag {
		origin := Origin{LayerEnv, EnvToken}
		token, err := parseToken([]byte(c.envToken), origin.String())
		return token, origin, err
	}
	if c.TokenFile.Text == "-" {
		origin := Origin{LayerFile, "standard input"}
		text, err := io.ReadAll(io.LimitReader(stdin, maxToken+1))
		if err != nil {
			return Token{}, origin, unreadable(origin.Name, err)
		}
		token, err := parseToken(text, origin.Name)
		return token, origin, err
	}
	token, err := readTokenFile(c.TokenFile)
	return token, Origin{LayerFile, c.TokenFile.Text}, err
}

func readTokenFile(file Value) (Token, error) {
	if file.Text == "" {
		return Token{}, missing(fmt.Sprintf("there is no home directory to look for one in: give --%s or set %s", KeyTokenFile, EnvToken), nil)
	}
	text, err := readBounded(file.Text, maxToken)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Token{}, missing(fmt.Sprintf("there is no file %s; %s comes from %s", file.Text, KeyTokenFile, file.Origin), err)
	case errors.Is(err, errTooLarge):
		return Token{}, malformed(file.Text + " is too large to be a token")
	case err != nil:
		return Token{}, unreadable(file.Text, err)
	}
	return parseToken(text, file.Text)
}

// parseToken checks the form of a token; where names its origin in errors.
func parseToken(text []byte, where string) (Token, error) {
	token := strings.TrimRight(string(text), "\r\n")
	switch {
	case strings.TrimSpace(token) == "":
		return Token{}, missing(where+" is empty", nil)
	case len(text) > maxToken:
		return Token{}, malformed(where + " is too large to be a token")
	case strings.ContainsAny(token, "\r\n"):
		return Token{}, malformed(where + " has more than one line")
	case strings.HasPrefix(strings.TrimSpace(token), "{"):
		return Token{}, malformed(where + " is a JSON document, not the token alone")
	case !matchesFormats(token):
		return Token{}, malformed(where + " has characters that no token has; " +
			"a token is one line of letters, digits, _ and -, or three such parts with dots between")
	}
	return Token{secret: token}, nil
}

func missing(why string, err error) error {
	return &TokenError{
		Missing: true,
		text:    "Code Manager requires a token, please use `puppet access login` to generate a token (" + why + ")",
		err:     err,
	}
}

func malformed(why string) error {
	return &TokenError{text: "Malformed token: token does not match expected formats (" + why + ")"}
}

func unreadable(where string, err error) error {
	return &TokenError{text: fmt.Sprintf("cannot read the token from %s: %v", where, err), err: err}
}
