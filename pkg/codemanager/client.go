package codemanager

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-resty/resty/v2"
)

// Bounds of what is taken from a server, in bytes.
const (
	// maxBody is for answers that are read whole: errors, and the service status.
	maxBody = 16 << 20
	// maxStream is for answers that are read as they arrive: the status of 200
	// compilers with 1,000 environments each is 30 MB, 10,000 environments of a
	// deployment are 3 MB. maxElement is for one of them.
	maxStream  = 512 << 20
	maxElement = 16 << 20
	// streamBuffer is how much of a stream is read at once.
	streamBuffer = 32 << 10
	// maxElements is for each list of an answer that is kept: environments.
	maxElements = 200_000
	maxHeaders  = 1 << 20
)

// Options configure a Client. The zero value of a field means its default.
type Options struct {
	// BaseURL is the service URL, such as https://primary.example.com:8170/code-manager.
	BaseURL string
	// Token is sent in the header X-Authentication, and nowhere else. Without
	// one the header is left out.
	Token string
	TLS   TLSOptions
	// UserAgent defaults to puppet-code.
	UserAgent string
	// Logger gets a debug line for every request and its outcome, without
	// headers and bodies. Defaults to none.
	Logger *slog.Logger
	// ConnectTimeout bounds the TCP connection and the TLS handshake, each.
	// Defaults to 15 s.
	ConnectTimeout time.Duration
	// ReadTimeout bounds a request that only reads. Defaults to 60 s.
	// Deployments have no limit: they end when the server says so.
	ReadTimeout time.Duration
	// AnswerTimeout bounds an answer from its first byte to its last, also that
	// of a deployment. Defaults to 5 min.
	AnswerTimeout time.Duration
	// Retries is how often a request is sent again that may be: see Retry.
	// Defaults to none.
	Retries int
	// OnRetry is called before each. May be nil.
	OnRetry func(Retry)
}

// Client talks to one Code Manager. It is safe for concurrent use.
type Client struct {
	base    string
	opts    Options
	resty   *resty.Client
	closers func()
}

// New makes a client. Nothing is sent. Errors: BaseURL is no https URL, or the
// trusted certificates cannot be read.
func New(opts Options) (*Client, error) {
	opts = withDefaults(opts)
	base, err := url.Parse(opts.BaseURL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("%q is no https:// address", opts.BaseURL)
	}
	opts.TLS.Host = base.Hostname()
	tlsConfig, err := NewTLSConfig(opts.TLS)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: opts.ConnectTimeout, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig:     tlsConfig,
		TLSHandshakeTimeout: opts.ConnectTimeout,
		// A server that sends headers for ever is none of ours.
		MaxResponseHeaderBytes: maxHeaders,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode != http.StatusOK {
				return &ProxyError{Err: errors.New("it answers " + answer.Status)}
			}
			return nil
		},
		// An answer that unpacks to a thousand times its size is none of ours.
		DisableCompression: true,
	}
	hc := &http.Client{
		Transport: transport,
		// A redirect would carry the token to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	rc := resty.NewWithClient(hc).SetLogger(silent{}).SetRetryCount(0)
	return &Client{
		base:    strings.TrimRight(opts.BaseURL, "/"),
		opts:    opts,
		resty:   rc,
		closers: transport.CloseIdleConnections,
	}, nil
}

func withDefaults(opts Options) Options {
	if opts.UserAgent == "" {
		opts.UserAgent = "puppet-code"
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.ConnectTimeout == 0 {
		opts.ConnectTimeout = 15 * time.Second
	}
	if opts.ReadTimeout == 0 {
		opts.ReadTimeout = 60 * time.Second
	}
	if opts.AnswerTimeout == 0 {
		opts.AnswerTimeout = 5 * time.Minute
	}
	return opts
}

// Close gives idle connections back.
func (c *Client) Close() { c.closers() }

// silent keeps resty from writing to standard error.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// call names a request for the API, for people and for the wire.
type call struct {
	method, endpoint string
	query            url.Values
	body             any
}

func (c *Client) url(req call) string {
	address := c.base + "/v1" + req.endpoint
	if len(req.query) > 0 {
		address += "?" + req.query.Encode()
	}
	return address
}

// do sends the request once and reads the answer whole, whatever its status.
func (c *Client) do(ctx context.Context, req call) (*answer, error) {
	got, err := c.open(ctx, req)
	if err != nil {
		return nil, err
	}
	return got, c.readBody(ctx, got)
}

// open sends the request once, and returns when the head of the answer is
// there. The caller reads its stream, or leaves that to readBody.
func (c *Client) open(ctx context.Context, req call) (*answer, error) {
	address := c.url(req)
	var on way
	traced := httptrace.WithClientTrace(ctx, on.trace())
	request := c.resty.R().SetContext(traced).SetDoNotParseResponse(true).
		SetHeader("Accept", "application/json").
		SetHeader("User-Agent", c.opts.UserAgent)
	if c.opts.Token != "" {
		request.SetHeader("X-Authentication", c.opts.Token)
	}
	if req.body != nil {
		body, err := json.Marshal(req.body)
		if err != nil {
			return nil, fmt.Errorf("cannot write the request: %w", err)
		}
		request.SetHeader("Content-Type", "application/json").SetBody(body)
	}
	began := time.Now()
	c.opts.Logger.DebugContext(ctx, "request", "method", req.method, "url", address)
	response, err := request.Execute(req.method, address)
	if err != nil {
		c.opts.Logger.DebugContext(ctx, "no answer", "method", req.method, "url", address, "error", err)
		return nil, c.transportError(ctx, req, on.sent.Load(), on.explain(err))
	}
	c.opts.Logger.DebugContext(ctx, "answer", "method", req.method, "url", address,
		"status", response.StatusCode(), "seconds", time.Since(began).Seconds())
	return &answer{
		call: req, url: address, status: response.StatusCode(),
		header: response.Header(), stream: response.RawBody(),
	}, nil
}

// way is how far a request came.
type way struct{ connected, secured, sent atomic.Bool }

func (w *way) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		ConnectDone:       func(_, _ string, err error) { w.connected.Store(err == nil) },
		TLSHandshakeStart: func() { w.secured.Store(true) },
		WroteHeaders:      func() { w.sent.Store(true) },
	}
}

// explain names the proxy where it connected and gave no tunnel: only a proxy
// comes between the connection and the handshake.
func (w *way) explain(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok && w.connected.Load() && !w.secured.Load() && !is[*ProxyError](err) {
		return &ProxyError{Err: wrapped.Err}
	}
	return err
}

// readBody reads the rest of an answer into its body, and closes it.
func (c *Client) readBody(ctx context.Context, got *answer) error {
	defer got.stream.Close()
	body, err := io.ReadAll(io.LimitReader(got.stream, maxBody+1))
	got.body = bytes.TrimSpace(body)
	if err != nil {
		return c.transportError(ctx, got.call, true, got.brokeOff(err))
	}
	if len(body) > maxBody {
		return got.nonsense(fmt.Errorf("more than %d MB", maxBody>>20))
	}
	return nil
}

// transportError gives a request without an answer its type. A context that
// ended is the cause of whatever broke.
func (c *Client) transportError(ctx context.Context, req call, sent bool, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	// url.Error repeats the method and the URL.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		err = &ProxyError{Err: op.Err}
	}
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		cert := &CertificateError{Host: c.opts.TLS.Host, Trusted: c.opts.TLS.CACert, Err: unverified.Err}
		if len(unverified.UnverifiedCertificates) > 0 {
			cert.Certificate = unverified.UnverifiedCertificates[0]
		}
		err = cert
	}
	return &ConnectionError{Method: req.method, URL: c.url(req), Sent: sent, Err: err}
}
