package transport

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/puppet-code/puppet-code/pkg/internal/proxy"
	"github.com/puppet-code/puppet-code/pkg/service"
)

// Options configure a Client. The zero value of a field means its default.
type Options struct {
	// BaseURL is the prefix of every path: an https URL, without user, query and fragment.
	BaseURL string
	// Token is sent in the header X-Authentication, and nowhere else. Without a token the header is
	// left out.
	Token string
	// TLS is the configuration of connections to the server: see secure. Nil trusts the system's
	// authorities.
	TLS *tls.Config
	// RoundTripper replaces the connection to the server; then TLS has no effect.
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
	// AnswerTimeout limits the time from the first byte of an answer to the last. Defaults to 5
	// min.
	AnswerTimeout time.Duration
	// Retries is how often a request is sent again, if it may be: see Retry. Defaults to 0.
	Retries int
	// OnRetry is called before each retry. May be nil.
	OnRetry func(service.Retry)
}

// Client talks to one service. It is safe for concurrent use.
type Client struct {
	base string
	// host is the name or the address in base.
	host  string
	opts  Options
	resty *resty.Client
	// proxy is nil if the connection is direct.
	proxy *proxy.Proxy
	close func()
}

// maxHeaders is the maximum size of the header of an answer, in bytes.
const maxHeaders = 1 << 20

// New makes a client. It sends nothing. Errors: BaseURL is not an https URL, or HTTPS_PROXY is not a
// valid address.
func New(opts Options) (*Client, error) {
	opts = withDefaults(opts)
	base, err := parseBase(opts.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{base: strings.TrimRight(base.String(), "/"), host: base.Hostname(), opts: opts, close: func() {}}
	tripper := opts.RoundTripper
	if tripper == nil {
		if c.proxy, err = proxy.For(base, opts.LookupEnv); err != nil {
			return nil, err
		}
		overTLS := newHTTPTransport(opts, c.proxy)
		tripper, c.close = overTLS, overTLS.CloseIdleConnections
	}
	c.resty = resty.NewWithClient(&http.Client{
		Transport: tripper,
		// A redirect would carry the token to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}).SetLogger(silent{}).SetRetryCount(0)
	return c, nil
}

// parseBase never shows a part of an address that may be a secret.
func parseBase(address string) (*url.URL, error) {
	base, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, errors.New("the address of the server is not a valid URL")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("the address of the server must have no user, no query and no fragment")
	case base.Scheme != "https" || base.Hostname() == "":
		return nil, fmt.Errorf("%q is not an https:// address", address)
	}
	return base, nil
}

func newHTTPTransport(opts Options, via *proxy.Proxy) *http.Transport {
	dialer := &net.Dialer{Timeout: opts.ConnectTimeout, KeepAlive: 15 * time.Second}
	overTLS := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        secure(opts.TLS),
		TLSHandshakeTimeout:    opts.ConnectTimeout,
		MaxResponseHeaderBytes: maxHeaders,
		// Puppet's services do not compress, so a body cannot unpack to a thousand times its size.
		DisableCompression: true,
	}
	if via != nil {
		useProxy(overTLS, via, dialer)
	}
	return overTLS
}

func withDefaults(opts Options) Options {
	if opts.LookupEnv == nil {
		opts.LookupEnv = os.LookupEnv
	}
	opts.UserAgent = cmp.Or(opts.UserAgent, "puppet-code")
	opts.Logger = cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))
	opts.ConnectTimeout = cmp.Or(opts.ConnectTimeout, 15*time.Second)
	opts.AnswerTimeout = cmp.Or(opts.AnswerTimeout, 5*time.Minute)
	return opts
}

// Close closes idle connections.
func (c *Client) Close() { c.close() }

// silent keeps resty from writing to standard error.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// WithToken returns a client with the same connections for another token.
func (c *Client) WithToken(token string) *Client {
	other := *c
	other.opts.Token = token
	return &other
}

// WithoutRetries returns a client with the same connections that never retries.
func (c *Client) WithoutRetries() *Client {
	once := *c
	once.opts.Retries = 0
	return &once
}
