package rbac

import (
	"context"
	"net/http"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// NewToken gets a new token for the user of the client's token, which must be valid and stays
// valid. It sends the request only once. Errors are those of [Client.LogIn].
func (c *Client) NewToken(ctx context.Context, opts TokenOptions) (token string, err error) {
	var answer tokenAnswer
	_, _, err = c.call(ctx, transport.Request{
		Method: http.MethodPost, Path: "/v1/tokens", Endpoint: "/tokens", Body: opts, SecretAnswer: true,
	}, &answer)
	return answer.Token, err
}
