package rbac

import (
	"context"
	"net/http"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// NewToken exchanges the client's token, which must be valid and stays so, for a new one of the same
// user. It is sent once, never again once it has left. Errors are those of [Client.LogIn].
func (c *Client) NewToken(ctx context.Context, opts TokenOptions) (token string, err error) {
	var answer tokenAnswer
	_, _, err = c.call(ctx, transport.Request{
		Method: http.MethodPost, Path: "/v1/tokens", Endpoint: "/tokens", Body: opts, SecretAnswer: true,
	}, &answer)
	return answer.Token, err
}
