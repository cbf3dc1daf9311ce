package codemanager

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// Options configure a Client. The zero value of a field means its default.
type Options struct {
	// BaseURL is the service URL, such as https://primary.example.com:8170/code-manager: without user,
	// query and fragment.
	BaseURL string
	// Token is sent in the header X-Authentication, and nowhere else. Without a token the header is
	// left out.
	Token string
	// TLS says whom to trust. The default is the system's authorities.
	TLS TLSOptions
	// RoundTripper replaces the connection to the server, for tests and tracing; then TLS has no
	// effect.
	RoundTripper http.RoundTripper
	// LookupEnv reads HTTPS_PROXY, ALL_PROXY and NO_PROXY. Defaults to os.LookupEnv.
	LookupEnv func(string) (string, bool)
	// UserAgent defaults to puppet-code.
	UserAgent string
	// Logger gets a debug line for every request and its outcome, without headers and bodies.
	// Defaults to no log.
	Logger *slog.Logger
	// ConnectTimeout bounds the TCP connection and the TLS handshake, each. Defaults to 15 s.
	ConnectTimeout time.Duration
	// ReadTimeout bounds a request that only reads. Defaults to 60 s. Deployments have no limit but
	// their context.
	ReadTimeout time.Duration
	// AnswerTimeout bounds an answer, from its first byte to its last. Defaults to 5 min.
	AnswerTimeout time.Duration
	// Retries is how often a request is sent again: one that never left, because no connection came
	// to be; and, unless it deploys, one that a gateway answered with 502, 503 or 504. Defaults to
	// never.
	Retries int
	// OnRetry is called before each. May be nil.
	OnRetry func(Retry)
}

// Client talks to one Code Manager. It is safe for concurrent use.
type Client struct {
	http        *transport.Client
	readTimeout time.Duration
}

// New makes a client. Nothing is sent. Errors: BaseURL is no https URL, HTTPS_PROXY is not a
// valid address, or the trusted certificates cannot be read.
func New(opts Options) (*Client, error) {
	http, err := transport.New(transport.Options{
		BaseURL: opts.BaseURL, Token: opts.Token, TLS: opts.TLS, RoundTripper: opts.RoundTripper, LookupEnv: opts.LookupEnv,
		UserAgent: opts.UserAgent, Logger: opts.Logger, ConnectTimeout: opts.ConnectTimeout,
		AnswerTimeout: opts.AnswerTimeout, Retries: opts.Retries, OnRetry: opts.OnRetry,
	})
	if err != nil {
		return nil, err
	}
	c := &Client{http: http, readTimeout: opts.ReadTimeout}
	if c.readTimeout == 0 {
		c.readTimeout = time.Minute
	}
	return c, nil
}

// Close gives idle connections back.
func (c *Client) Close() { c.http.Close() }

// WithoutRetries is the same client, with the same connections, for a caller that repeats requests
// itself.
func (c *Client) WithoutRetries() *Client {
	return &Client{http: c.http.WithoutRetries(), readTimeout: c.readTimeout}
}
