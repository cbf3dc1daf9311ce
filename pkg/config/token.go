package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// maxToken is the maximum length of a token in bytes. Tokens of PE have 44, with claims some
// hundreds.
const maxToken = 64 << 10

// Token is the secret for Code Manager. If it is printed, logged or encoded, it appears as
// <redacted>.
type Token struct{ secret string }

// Reveal is the token itself, only for its header.
func (t Token) Reveal() string { return t.secret }

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.secret == "" }

// String is "<redacted>", or "" without a token.
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
	// Missing is true if there is no token at all.
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

// ReadToken reads the token from its configured place, and returns its origin. A token file on the
// command line takes precedence over the token in the environment. The error is a *TokenError.
func (c Config) ReadToken(stdin io.Reader) (Token, Origin, error) {
	if c.envToken != "" && c.TokenFile.Origin.Layer != LayerFlag {
		origin := Origin{Layer: LayerEnv, Name: EnvToken}
		token, err := ParseToken([]byte(c.envToken), origin.String())
		return token, origin, err
	}
	if c.TokenFile.Text == "-" {
		token, err := TokenFrom(stdin)
		return token, Origin{Layer: LayerFile, Name: standardInput}, err
	}
	token, err := c.readTokenFile()
	return token, Origin{Layer: LayerFile, Name: Presentable(c.TokenFile.Text)}, err
}

const standardInput = "standard input"

// TokenFrom reads a token from standard input. The error is a *TokenError.
func TokenFrom(stdin io.Reader) (Token, error) {
	text, err := io.ReadAll(io.LimitReader(stdin, maxToken+1))
	if err != nil {
		return Token{}, unreadable(standardInput, err)
	}
	return ParseToken(text, standardInput)
}

func (c Config) readTokenFile() (Token, error) {
	file := c.TokenFile
	if file.Text == "" {
		return Token{}, missing(fmt.Sprintf("there is no home directory to look for a token in: use --%s or set %s", KeyTokenFile, EnvToken), nil)
	}
	text, err := textfile.Read(file.Text, maxToken)
	shown := Presentable(file.Text)
	switch {
	case err != nil && shown == redacted:
		return Token{}, missing(fmt.Sprintf("%s comes from %s and looks like a token, not like a path: put the token into %s", KeyTokenFile, file.Origin, EnvToken), nil)
	case errors.Is(err, fs.ErrNotExist):
		return Token{}, missing(fmt.Sprintf("there is no file %s; %s comes from %s", shown, KeyTokenFile, file.Origin), err)
	case err != nil && file.Origin.Layer == LayerDefault && belowClosedHome(file.Text, c.sources.Paths.Home):
		return Token{}, missing(fmt.Sprintf("the home directory %s cannot be entered: use --%s or set %s", c.sources.Paths.Home, KeyTokenFile, EnvToken), err)
	case err != nil:
		return Token{}, unreadable(shown, err)
	}
	return ParseToken(text, shown)
}

// ParseToken checks the form of a token; where names its origin in errors, which are a *TokenError
// and don't show it. A byte order mark before it, and line ends after it, are cut.
func ParseToken(text []byte, where string) (Token, error) {
	if len(text) > maxToken {
		return Token{}, malformed(where + " is too large to be a token")
	}
	text, err := textfile.UTF8(text)
	if err != nil {
		return Token{}, malformed(where + " " + err.Error())
	}
	token := strings.TrimRight(string(text), "\r\n")
	switch {
	case strings.TrimSpace(token) == "":
		return Token{}, missing(where+" is empty", nil)
	case !matchesFormats(token):
		return Token{}, malformed(where + " contains characters that no token has; " +
			"a token is one line of letters, digits, _ and -, or three such parts separated by dots")
	}
	return Token{secret: token}, nil
}

func missing(why string, err error) error {
	return &TokenError{
		Missing: true,
		text:    "Code Manager requires a token, please use `puppet-code login` to generate a token (" + why + ")",
		err:     err,
	}
}

func malformed(why string) error {
	return &TokenError{text: "Malformed token: token does not match expected formats (" + why + ")"}
}

func unreadable(where string, err error) error {
	return &TokenError{text: fmt.Sprintf("cannot read the token from %s: %v", where, err), err: err}
}
