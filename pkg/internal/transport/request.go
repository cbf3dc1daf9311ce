package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-resty/resty/v2"

	"github.com/puppet-code/puppet-code/pkg/service"
)

// Request is one call of the service.
type Request struct {
	Method string
	// Path is appended to the base URL. Endpoint is the name of the call in errors, by default
	// Path.
	Path, Endpoint string
	// Secrets are texts of this request, such as a password, that are removed from errors. The
	// token is always one of them.
	Secrets []string
	// SecretAnswer says that the body of a success is a secret, so that no error shows any of it.
	SecretAnswer bool
	// Accept is the media type of the answer, by default JSON.
	Accept string
	// MaxBody is the maximum size of the answer in bytes, by default 64 MB.
	MaxBody int
	// Body is written as JSON; nil sends no body.
	Body any
	// Waits is true for a request that only its context limits, not ReadTimeout.
	Waits bool
	// ResultStatus is an HTTP status, in addition to 2xx, that has a result: any JSON except an
	// error object. 0 means no such status.
	ResultStatus int
	// Safe means that the request changes nothing, so that it may be sent again after a gateway
	// error (502, 503, 504). Any request that was never sent may be retried.
	Safe bool
}

// shown is the address without credentials, for errors and logs.
func (c *Client) shown(r Request) string { return c.base + r.Path }

// Do sends a request, with retries if they are safe and Options.Retries allows them. It returns an
// answer with a 2xx status, or ResultStatus.
//
// Errors: *APIError if the server refused, *ResponseError if the answer is not from the service,
// *ConnectionError if there is no answer.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	return retry(ctx, c, r, func() (*Response, error) { return c.send(ctx, r) })
}

// send sends the request once, and reads the whole answer.
func (c *Client) send(ctx context.Context, r Request) (*Response, error) {
	if limit := c.opts.ReadTimeout; !r.Waits {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &service.TimeoutError{Limit: limit})
		defer cancel()
	}
	var way progress
	request, err := c.newRequest(httptrace.WithClientTrace(ctx, way.trace()), r)
	if err != nil {
		return nil, err
	}
	began, shown := time.Now(), c.shown(r)
	c.opts.Logger.DebugContext(ctx, "request", "method", r.Method, "url", shown)
	answer, err := request.Execute(r.Method, c.base+r.Path)
	if err != nil {
		broken := c.connectionError(ctx, r, way.sent.Load() && !endedHandshake(err), c.blame(&way, err))
		c.opts.Logger.DebugContext(ctx, "no answer", "method", r.Method, "url", shown, "error", broken.Err)
		return nil, broken
	}
	c.opts.Logger.DebugContext(ctx, "answer", "method", r.Method, "url", shown,
		"status", answer.StatusCode(), "seconds", time.Since(began).Seconds())
	response, err := c.read(ctx, r, answer.RawResponse)
	if err != nil {
		return nil, err
	}
	return response, response.refused()
}

func (c *Client) newRequest(ctx context.Context, r Request) (*resty.Request, error) {
	request := c.resty.R().SetContext(ctx).SetDoNotParseResponse(true).
		SetHeader("Accept", cmp.Or(r.Accept, "application/json")).
		SetHeader("User-Agent", c.opts.UserAgent)
	if c.opts.Token != "" {
		request.SetHeader("X-Authentication", c.opts.Token)
	}
	if r.Body != nil {
		body, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("cannot write the request: %w", err)
		}
		request.SetHeader("Content-Type", "application/json").SetBody(body)
	}
	return request, nil
}

// progress is how far a request got: to the handshake with the server, and to the end of its headers.
type progress struct{ secured, sent atomic.Bool }

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		TLSHandshakeStart: func() { p.secured.Store(true) },
		WroteHeaders:      func() { p.sent.Store(true) },
	}
}

// blame attributes an error before the handshake with the server to the proxy.
func (c *Client) blame(p *progress, err error) error {
	wrapped, ok := errors.AsType[*url.Error](err)
	if !ok || c.proxy == nil || p.secured.Load() || is[*service.ProxyError](err) {
		return err
	}
	return &service.ProxyError{Proxy: c.proxy.String(), Err: wrapped.Err}
}

// connectionError returns the typed error for a request without an answer. If the context ended,
// its cause is the error.
func (c *Client) connectionError(ctx context.Context, r Request, sent bool, err error) *service.ConnectionError {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	// url.Error repeats the method and the URL.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if proxy, ok := errors.AsType[*service.ProxyError](err); ok {
		err = proxy
	} else if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		cert := &service.CertificateError{Host: c.host, Err: unverified.Err}
		if len(unverified.UnverifiedCertificates) > 0 {
			cert.Certificate = unverified.UnverifiedCertificates[0]
		}
		err = cert
	}
	if shown := c.secrets(r.Secrets...).Text(err.Error()); shown != err.Error() {
		err = errors.New(shown) // net/http quotes a header that it can't read
	}
	return &service.ConnectionError{Method: r.Method, URL: c.shown(r), Sent: sent, Err: err}
}

// endedHandshake reports whether an error is a TLS alert with which a server refuses a connection
// before it reads a request. With TLS 1.3, the request may already have been sent.
func endedHandshake(err error) bool {
	return isAlert(err,
		40, 42, 43, 44, 45, 46, 48, 49, // handshake failure, certificates, access denied
		70, 71, 86, 109, 112, 116, 120, // version, algorithms, extensions, a certificate is required
	)
}

// isAlert reports whether an error is one of these TLS alerts of the server.
func isAlert(err error, alerts ...tls.AlertError) bool {
	return isTLSError(err, "remote error", alerts...)
}

// isTLSError reports whether an error is one of these TLS alerts, by their numbers in RFC 8446, section
// 6.2. The type of an alert is not exported, but its text is the same.
func isTLSError(err error, operation string, alerts ...tls.AlertError) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == operation &&
		slices.ContainsFunc(alerts, func(alert tls.AlertError) bool { return op.Err.Error() == alert.Error() })
}
