package rbac

import (
	"context"
	"encoding/json"
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
	Label       string `json:"label"`
	Description string `json:"description"`
	Client      string `json:"client"`
	// Created, Expires and LastActive are by the server's clock.
	Created    time.Time `json:"creation"`
	Expires    time.Time `json:"expiration"`
	LastActive time.Time `json:"last_active"`
	Revoked    bool      `json:"is_revoked"`
	// ServerTime is the server's clock when it answered, in whole seconds; zero without a Date
	// header.
	ServerTime time.Time `json:"-"`
	// Raw is the JSON object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// Authenticate returns the server's information about the client's token. It does not count as a
// use of the token.
//
// Errors: *APIError if the token is unknown, expired or revoked (401), *ResponseError if the answer
// is not from the service, *ConnectionError if there is no answer.
func (c *Client) Authenticate(ctx context.Context) (info TokenInfo, err error) {
	body := struct {
		Token  string `json:"token"`
		Update bool   `json:"update_last_activity?"`
	}{c.token, false}
	request := transport.Request{
		Method: http.MethodPost, Path: "/v2/auth/token/authenticate", Endpoint: "/auth/token/authenticate",
		Body: body, Secrets: []string{c.token}, Safe: true,
	}
	// With the token in the header, the call would count as a use of it.
	if info.Raw, info.ServerTime, err = c.WithToken("").call(ctx, request, &info); err != nil {
		return TokenInfo{}, err
	}
	if info.Revoked {
		return TokenInfo{}, &APIError{
			Method: request.Method, Endpoint: request.Endpoint, StatusCode: http.StatusUnauthorized,
			Kind: "puppetlabs.rbac/token-revoked", Message: "Authentication token has been revoked.",
		}
	}
	return info, nil
}

// CurrentUser returns the user of the client's token. Errors are those of [Client.Authenticate].
func (c *Client) CurrentUser(ctx context.Context) (user User, err error) {
	_, _, err = c.call(ctx, transport.Request{Method: http.MethodGet, Path: "/v1/users/current", Endpoint: "/users/current", Safe: true}, &user)
	return user, err
}
