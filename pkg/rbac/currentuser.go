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
	Login string
	// DisplayName and Email are "" if the server does not report them.
	DisplayName, Email string
	// Raw is the JSON object as the server sent it.
	Raw json.RawMessage
}

// userJSON is a user on the wire.
type userJSON struct {
	Login       string  `json:"login"`
	DisplayName *string `json:"display_name"`
	Email       *string `json:"email"`
}

func (u *userJSON) user(raw []byte) User {
	return User{Login: u.Login, DisplayName: text(u.DisplayName), Email: text(u.Email), Raw: raw}
}

// problem refuses a JSON object that is not a user.
func (u *userJSON) problem() string {
	if u.Login == "" {
		return "the JSON object has no login"
	}
	return ""
}

// CurrentUser returns the user of the client's token. Errors are those of [Client.Authenticate].
func (c *Client) CurrentUser(ctx context.Context) (User, error) {
	var answer userJSON
	raw, _, err := c.call(ctx, transport.Request{Method: http.MethodGet, Path: "/v1/users/current", Endpoint: "/users/current", Safe: true}, &answer)
	if err != nil {
		return User{}, err
	}
	return answer.user(raw), nil
}
