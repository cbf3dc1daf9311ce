package rbac

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// User is the user of a token.
type User struct {
	// Login is the name to log in with.
	Login string `json:"login"`
	// DisplayName and Email are "" if the server does not report them.
	DisplayName string `json:"display_name"`
	Email       string `json:"email"`
	// Raw is the JSON object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// problem refuses a JSON object that is not a user.
func (u *User) problem() string {
	if u.Login == "" {
		return "the JSON object has no login"
	}
	return ""
}

// TokenInfo is the server's information about a token. A field that the server does not report is
// zero.
type TokenInfo struct {
	User
	// Label and Description are those of the token; Client is the program it was made for.
	Label, Description, Client string
	// Created, Expires and LastActive are by the server's clock.
	Created, Expires, LastActive time.Time
	// ServerTime is the server's clock when it answered, in whole seconds; zero without a Date
	// header.
	ServerTime time.Time
	// Raw is the JSON object as the server sent it: of a token or, from an old server, of a user.
	Raw json.RawMessage
}

// tokenJSON is a token on the wire. Optional values can be null, which makes them zero.
type tokenJSON struct {
	User

	Label       string    `json:"label"`
	Description string    `json:"description"`
	Client      string    `json:"client"`
	Creation    timestamp `json:"creation"`
	Expiration  timestamp `json:"expiration"`
	LastActive  timestamp `json:"last_active"`
	IsRevoked   bool      `json:"is_revoked"`
}

// Authenticate returns the server's information about the client's token. It does not count as a
// use of the token. On servers without this call, it gets the token's user instead, as
// [Client.CurrentUser] does.
//
// Errors: *APIError if the token is unknown, expired or revoked (401), *ResponseError if the answer
// is not from the service, *ConnectionError if there is no answer.
func (c *Client) Authenticate(ctx context.Context) (TokenInfo, error) {
	var answer tokenJSON
	body := struct {
		Token  string `json:"token"`
		Update bool   `json:"update_last_activity?"`
	}{c.token, false}
	request := transport.Request{
		Method: http.MethodPost, Path: "/v2/auth/token/authenticate", Endpoint: "/auth/token/authenticate",
		Body: body, Secrets: []string{c.token}, Safe: true,
	}
	// With the token in the header, the call would count as a use of it.
	raw, date, err := c.WithToken("").call(ctx, request, &answer)
	if refused, ok := errors.AsType[*APIError](err); ok && refused.StatusCode == http.StatusNotFound {
		user, userErr := c.CurrentUser(ctx)
		if old, ok := errors.AsType[*APIError](userErr); ok && old.StatusCode == http.StatusNotFound {
			return TokenInfo{}, err // no such service at this URL
		}
		return TokenInfo{User: user, Raw: user.Raw}, userErr
	}
	if err != nil {
		return TokenInfo{}, err
	}
	if answer.IsRevoked {
		return TokenInfo{}, &APIError{
			Method: request.Method, Endpoint: request.Endpoint, StatusCode: http.StatusUnauthorized,
			Kind: "puppetlabs.rbac/token-revoked", Message: "Authentication token has been revoked.",
		}
	}
	answer.Raw = raw
	return TokenInfo{
		User:  answer.User,
		Label: answer.Label, Description: answer.Description, Client: answer.Client,
		Created: answer.Creation.Time, Expires: answer.Expiration.Time, LastActive: answer.LastActive.Time,
		ServerTime: date, Raw: raw,
	}, nil
}

// CurrentUser returns the user of the client's token. Errors are those of [Client.Authenticate].
func (c *Client) CurrentUser(ctx context.Context) (user User, err error) {
	user.Raw, _, err = c.call(ctx, transport.Request{Method: http.MethodGet, Path: "/v1/users/current", Endpoint: "/users/current", Safe: true}, &user)
	return user, err
}

// timestamp is a time of the server. It is zero if its form is unknown.
type timestamp struct{ time.Time }

// UnmarshalJSON never fails, because the answer is useful without its times.
func (t *timestamp) UnmarshalJSON(value []byte) error {
	var text string
	if json.Unmarshal(value, &text) == nil {
		t.Time, _ = time.Parse(time.RFC3339Nano, text) // zero with an error
	}
	return nil
}
