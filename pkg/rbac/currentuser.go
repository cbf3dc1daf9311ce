package rbac

import (
	"context"
	"encoding/json"
	"net/http"

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

// CurrentUser returns the user of the client's token. Errors are those of [Client.Authenticate].
func (c *Client) CurrentUser(ctx context.Context) (user User, err error) {
	user.Raw, _, err = c.call(ctx, transport.Request{Method: http.MethodGet, Path: "/v1/users/current", Endpoint: "/users/current", Safe: true}, &user)
	return user, err
}
