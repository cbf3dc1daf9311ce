package rbac

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/service"
)

// Options configure a Client. Package service documents them. The token is for [Client.NewToken],
// [Client.Authenticate] and [Client.Revoke].
type Options = service.Options

// Client talks to one token service. It is safe for concurrent use.
type Client struct {
	http  *transport.Client
	token string
}

// New makes a client. It sends nothing. Errors: BaseURL is not an https URL, or a proxy's address is
// not valid.
func New(opts Options) (*Client, error) {
	http, err := transport.New(opts)
	if err != nil {
		return nil, err
	}
	return &Client{http, opts.Token}, nil
}

// WithToken returns the same client for another token.
func (c *Client) WithToken(token string) *Client { return &Client{c.http.WithToken(token), token} }

// WithoutRetries returns the same client without retries.
func (c *Client) WithoutRetries() *Client { return &Client{c.http.WithoutRetries(), c.token} }

// call sends a request and reads its answer, a JSON object, into result. It also returns the
// unparsed body and the server's time.
func (c *Client) call(ctx context.Context, r transport.Request, result interface{ problem() string }) (body []byte, date time.Time, err error) {
	response, err := c.http.Do(ctx, r)
	if err != nil {
		return nil, date, err
	}
	if refused := response.ErrorObject(); refused != nil {
		return nil, date, refused
	}
	if err = json.Unmarshal(response.Body, result, jsonread.Lenient); err != nil {
		return nil, date, response.Unreadable(err)
	}
	if problem := result.problem(); problem != "" {
		return nil, date, response.Nonsense(transport.ShapeError(problem))
	}
	return response.Body, response.Date(), nil
}
