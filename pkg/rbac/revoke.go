package rbac

import (
	"context"
	"net/http"
	"net/url"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// Revoke revokes the client's token on the server. It sends the request only once.
//
// Errors: *APIError if the server refused: 401 if it no longer accepts the token. *ConnectionError
// if there is no answer; if its Sent is true, the token may be revoked nevertheless.
func (c *Client) Revoke(ctx context.Context) error {
	response, err := c.http.Do(ctx, transport.Request{
		Method: http.MethodDelete, Path: "/v2/tokens/" + url.PathEscape(c.token), Shown: "/v2/tokens/<redacted>",
		Endpoint: "/tokens/<redacted>", Timeout: c.timeout,
	})
	if err != nil {
		return err
	}
	defer response.Close()
	if response.Status != http.StatusNoContent {
		return response.Nonsense(transport.ShapeError("expected HTTP 204 for a token that was revoked"))
	}
	return nil
}
