package rbac

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// Options configure a Client. The zero value of a field means its default.
type Options struct {
	// BaseURL is the URL of the service, such as https://console.example.com:4433/rbac-api.
	BaseURL string
	// Token is the token for [Client.NewToken], [Client.Authenticate] and [Client.Revoke]. A login
	// needs no token.
	Token string
	// TLS has the trusted authorities, as RootCAs. Nil trusts the system's. The client never speaks
	// less than TLS 1.2.
	TLS *tls.Config
	// RoundTripper replaces the connection to the server, for tests. TLS has no effect then.
	RoundTripper http.RoundTripper
	// LookupEnv reads HTTPS_PROXY, ALL_PROXY and NO_PROXY. Defaults to os.LookupEnv.
	LookupEnv func(string) (string, bool)
	// UserAgent defaults to puppet-code.
	UserAgent string
	// Logger gets a debug line for every request and its outcome, without headers, bodies and
	// secrets. Defaults to no log.
	Logger *slog.Logger
	// ReadTimeout limits each request. Defaults to 60 s.
	ReadTimeout time.Duration
	// Retries is how often a request is sent again if no connection could be made and, if it only
	// reads, after 502, 503 or 504. Defaults to 0.
	Retries int
	// OnRetry is called before each retry. May be nil.
	OnRetry func(Retry)
}

// Client talks to one token service. It is safe for concurrent use.
type Client struct {
	http    *transport.Client
	token   string
	timeout time.Duration
}

// New makes a client. It sends nothing. Errors: BaseURL is not an https URL, or a proxy's address is
// not valid.
func New(opts Options) (*Client, error) {
	http, err := transport.New(transport.Options{
		BaseURL: opts.BaseURL, Token: opts.Token, TLS: opts.TLS, RoundTripper: opts.RoundTripper, LookupEnv: opts.LookupEnv,
		UserAgent: opts.UserAgent, Logger: opts.Logger, Retries: opts.Retries, OnRetry: opts.OnRetry,
	})
	if err != nil {
		return nil, err
	}
	c := &Client{http: http, token: opts.Token, timeout: opts.ReadTimeout}
	if c.timeout == 0 {
		c.timeout = time.Minute
	}
	return c, nil
}

// Close closes idle connections.
func (c *Client) Close() { c.http.Close() }

// WithToken returns a client with the same connections for another token.
func (c *Client) WithToken(token string) *Client {
	return &Client{http: c.http.WithToken(token), token: token, timeout: c.timeout}
}

// WithoutRetries returns a client with the same connections that never sends a request again.
func (c *Client) WithoutRetries() *Client {
	return &Client{http: c.http.WithoutRetries(), token: c.token, timeout: c.timeout}
}

// call sends a request and reads its answer, a JSON object, into result. It also returns the
// unparsed body and the server's time.
func (c *Client) call(ctx context.Context, r transport.Request, result interface{ problem() string }) (body []byte, date time.Time, err error) {
	r.Timeout = c.timeout
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
