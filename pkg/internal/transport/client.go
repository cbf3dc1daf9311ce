package transport

import (
	"cmp"
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

// Client talks to one service. It is safe for concurrent use.
type Client struct {
	base string
	// host is the name or the address in base.
	host  string
	opts  service.Options
	resty *resty.Client
	// proxy is nil if the connection is direct.
	proxy *proxy.Proxy
}

// maxHeaders is the maximum size of the header of an answer, in bytes.
const maxHeaders = 1 << 20

// New makes a client. It sends nothing. Errors: BaseURL is not an https URL, or HTTPS_PROXY is not a
// valid address.
func New(opts service.Options) (*Client, error) {
	opts = withDefaults(opts)
	base, err := parseBase(opts.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{base: strings.TrimRight(base.String(), "/"), host: base.Hostname(), opts: opts}
	tripper := opts.RoundTripper
	if tripper == nil {
		if c.proxy, err = proxy.For(base, opts.LookupEnv); err != nil {
			return nil, err
		}
		tripper = newHTTPTransport(opts, c.proxy)
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

func newHTTPTransport(opts service.Options, via *proxy.Proxy) *http.Transport {
	dialer := &net.Dialer{Timeout: opts.ConnectTimeout, KeepAlive: 15 * time.Second}
	overTLS := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        secure(opts.TLS),
		TLSHandshakeTimeout:    opts.ConnectTimeout,
		MaxResponseHeaderBytes: maxHeaders,
		// Each request has a connection of its own. A server may close an idle connection at any moment:
		// if a deployment went there, nobody could tell whether it arrived.
		DisableKeepAlives: true,
		// Puppet's services do not compress, so a body cannot unpack to a thousand times its size.
		DisableCompression: true,
	}
	if via != nil {
		useProxy(overTLS, via, dialer)
	}
	return overTLS
}

func withDefaults(opts service.Options) service.Options {
	if opts.LookupEnv == nil {
		opts.LookupEnv = os.LookupEnv
	}
	opts.UserAgent = cmp.Or(opts.UserAgent, "puppet-code")
	opts.Logger = cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))
	opts.ConnectTimeout = cmp.Or(opts.ConnectTimeout, 15*time.Second)
	opts.ReadTimeout = cmp.Or(opts.ReadTimeout, time.Minute)
	return opts
}

// silent keeps resty from writing to standard error.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// WithToken returns the same client for another token.
func (c *Client) WithToken(token string) *Client {
	other := *c
	other.opts.Token = token
	return &other
}

// WithoutRetries returns the same client without retries.
func (c *Client) WithoutRetries() *Client {
	once := *c
	once.opts.Retries = 0
	return &once
}
