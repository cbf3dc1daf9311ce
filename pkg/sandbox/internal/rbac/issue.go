package rbac

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// The default and the maximum lifetime of tokens.
const (
	defaultLifetime = time.Hour
	maxLifetime     = 10 * 365 * 24 * time.Hour
)

const maxLabel = 200

// wishes are the options of a new token.
type wishes struct {
	Lifetime    lifetimeText `json:"lifetime"`
	Label       string       `json:"label"`
	Description string       `json:"description"`
	Client      string       `json:"client"`
}

// lifetimeText is a lifetime, a text or a number of seconds.
type lifetimeText string

// UnmarshalJSON takes both forms.
func (l *lifetimeText) UnmarshalJSON(value []byte) error {
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value)
	}
	*l = lifetimeText(text)
	return nil
}

var lifetimeForm = regexp.MustCompile(`^([0-9]{1,9})([ydhms]?)$`)

// duration is the lifetime; ok is false if it is invalid.
func (l lifetimeText) duration() (lifetime time.Duration, ok bool) {
	if l == "" {
		return defaultLifetime, true
	}
	parts := lifetimeForm.FindStringSubmatch(string(l))
	if parts == nil {
		return 0, false
	}
	const day = 24 * time.Hour
	unit := map[string]time.Duration{"y": 365 * day, "d": day, "h": time.Hour, "m": time.Minute, "s": time.Second, "": time.Second}[parts[2]]
	number, _ := strconv.Atoi(parts[1]) // digits only
	if number == 0 || number > int(maxLifetime/unit) {
		return maxLifetime, true
	}
	return time.Duration(number) * unit, true
}

// issue makes a token.
func (s *service) issue(token tokens.Token, wanted wishes) (int, any, *problem) {
	lifetime, ok := wanted.Lifetime.duration()
	switch {
	case !ok:
		return 0, nil, malformed("The lifetime must be a number followed by y, d, h, m or s.")
	case strings.Contains(wanted.Label, ","):
		return 0, nil, malformed("The label must not contain a comma.")
	case utf8.RuneCountInString(wanted.Label) > maxLabel:
		return 0, nil, malformed("The label is longer than 200 characters.")
	case wanted.Label != "" && s.Tokens.HasLabel(token.User, wanted.Label):
		return 0, nil, malformed("A token with the label '" + wanted.Label + "' exists already.")
	}
	token.Expires = s.Now().Add(lifetime)
	token.Label, token.Description, token.Client = wanted.Label, wanted.Description, wanted.Client
	return http.StatusOK, map[string]string{"token": s.Tokens.Issue(token)}, nil
}

// decode reads the JSON object of a request; an empty body is an empty object. Errors never repeat
// its text, which may be a password.
func decode(r *http.Request, into any) *problem {
	text, err := io.ReadAll(r.Body)
	if err == nil && len(bytes.TrimSpace(text)) > 0 {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return malformed("The request body is not the JSON object that is expected.")
	}
	return nil
}

func userObject(user string) map[string]any {
	return map[string]any{"login": user, "display_name": user, "email": nil, "role_ids": []int{1}}
}

// nullable is a text, or null.
func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// timestamp formats a time like the service, or null.
func timestamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
