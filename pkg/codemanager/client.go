package codemanager

import (
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
	"github.com/puppet-code/puppet-code/pkg/service"
)

// Options configure a Client. Package service documents them.
type Options = service.Options

// Client talks to one Code Manager. It is safe for concurrent use.
type Client struct{ http *transport.Client }

// New makes a client. It sends nothing. Errors: BaseURL is not an https URL, or HTTPS_PROXY is
// not a valid address.
func New(opts Options) (*Client, error) {
	http, err := transport.New(opts)
	if err != nil {
		return nil, err
	}
	return &Client{http}, nil
}

// WithoutRetries returns the same client without retries, for callers that repeat requests themselves.
func (c *Client) WithoutRetries() *Client { return &Client{c.http.WithoutRetries()} }
