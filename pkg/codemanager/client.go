package codemanager

import (
	"crypto/tls"
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
	// TLS has the trusted authorities, as RootCAs. Nil trusts the system's. The client never speaks
	// less than TLS 1.2.
	TLS *tls.Config
	// RoundTripper replaces the connection to the server, for tests and tracing. TLS has no effect
	// then.
	RoundTripper http.RoundTripper
	// LookupEnv reads HTTPS_PROXY, ALL_PROXY and NO_PROXY. Defaults to os.LookupEnv.
	LookupEnv func(string) (string, bool)
	// UserAgent defaults to puppet-code.
	UserAgent string
	// Logger gets a debug line for every request and its outcome, without headers and bodies.
	// Defaults to no log.
	Logger *slog.Logger
	// ConnectTimeout limits the TCP connection and the TLS handshake separately. Defaults to 15 s.
	ConnectTimeout time.Duration
	// ReadTimeout limits a request that only reads. Defaults to 60 s. Deployments are limited only
	// by their context.
	ReadTimeout time.Duration
	// AnswerTimeout limits the time from the first byte of an answer to the last. Defaults to 5
	// min.
	AnswerTimeout time.Duration
	// Retries is how often a request is sent again if no connection could be made and, unless it
	// deploys, after 502, 503 or 504. Defaults to 0.
	Retries int
	// OnRetry is called before each retry. May be nil.
	OnRetry func(Retry)
}

// Client talks to one Code Manager. It is safe for concurrent use.
type Client struct {
	http        *transport.Client
	readTimeout time.Duration
}

// New makes a client. It sends nothing. Errors: BaseURL is not an https URL, or HTTPS_PROXY is
// not a valid address.
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

// Close closes idle connections.
func (c *Client) Close() { c.http.Close() }

// WithoutRetries returns a client with the same connections that never retries, for callers that
// repeat requests themselves.
func (c *Client) WithoutRetries() *Client {
	return &Client{http: c.http.WithoutRetries(), readTimeout: c.readTimeout}
}
