package rbac

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// TokenOptions are the options of a new token. A zero value means the server's default.
type TokenOptions struct {
	// Lifetime is a number followed by y, d, h, m or s; without a unit, seconds. "0" is the longest
	// that the server allows. "" is the server's default, usually 1h.
	Lifetime string `json:"lifetime,omitempty"`
	// Label names the token for its user: at most 200 characters, no comma, and not the label of
	// another token of this user.
	Label       string `json:"label,omitempty"`
	Description string `json:"description,omitempty"`
	// Client names the program that the token is for.
	Client string `json:"client,omitempty"`
}

// LogIn gets a token for a user's name and password. It sends the request only once.
//
// Errors: *APIError if the server refused (401 if name and password do not match, if the account is
// revoked), *ResponseError if its answer has no token, *ConnectionError if there is no answer.
func (c *Client) LogIn(ctx context.Context, login, password string, opts TokenOptions) (token string, err error) {
	var answer tokenAnswer
	body := struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		TokenOptions
	}{login, password, opts}
	_, _, err = c.WithToken("").call(ctx, transport.Request{
		Method: http.MethodPost, Path: "/v1/auth/token", Endpoint: "/auth/token", Body: body,
		Secrets: []string{password, asJSON(password)}, SecretAnswer: true,
	}, &answer)
	return answer.Token, err
}

// asJSON is a text as it stands within JSON, where a server may repeat it.
func asJSON(text string) string {
	quoted, _ := json.Marshal(text) // a string has no error
	return string(quoted[1 : len(quoted)-1])
}

// NewToken gets a new token for the user of the client's token, which must be valid and stays
// valid. It sends the request only once. Errors are those of [Client.LogIn].
func (c *Client) NewToken(ctx context.Context, opts TokenOptions) (token string, err error) {
	var answer tokenAnswer
	_, _, err = c.call(ctx, transport.Request{
		Method: http.MethodPost, Path: "/v1/tokens", Endpoint: "/tokens", Body: opts, SecretAnswer: true,
	}, &answer)
	return answer.Token, err
}

// tokenAnswer is the answer of the calls that make a token.
type tokenAnswer struct {
	Token string `json:"token"`
}

const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

// problem is the reason why this is not a token, without showing it.
func (a *tokenAnswer) problem() string {
	switch {
	case a.Token == "":
		return "the JSON object has no token"
	case strings.Trim(a.Token, tokenCharacters) != "" || strings.ContainsAny(a.Token, " \r\n\t"):
		return "the token contains characters that no token has"
	default:
		return ""
	}
}

// Revoke revokes the client's token on the server, which every user may do. It sends the request
// only once.
//
// Errors: *APIError if the server refused: 401 if it no longer accepts the token. *ResponseError if
// the answer is not from the service. *ConnectionError if there is no answer; if its Sent is true,
// the token may be revoked nevertheless.
func (c *Client) Revoke(ctx context.Context) error {
	body := struct {
		Tokens []string `json:"revoke_tokens"`
	}{[]string{c.token}}
	response, err := c.http.Do(ctx, transport.Request{
		Method: http.MethodDelete, Path: "/v2/tokens", Endpoint: "/tokens", Body: body,
	})
	if err != nil {
		return err
	}
	if response.Status == http.StatusNoContent {
		return nil
	}
	if refused := response.ErrorObject(); refused != nil {
		return refused
	}
	if object := (map[string]jsontext.Value)(nil); json.Unmarshal(response.Body, &object) != nil || object == nil {
		return response.Nonsense(transport.ShapeError("expected HTTP 204 or a JSON object for a token that was revoked"))
	}
	return nil
}
