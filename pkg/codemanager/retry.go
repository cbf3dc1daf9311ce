package codemanager

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// What is tried again and why is a table in docs/security.md; both change
// together.
const (
	firstRetry = 500 * time.Millisecond
	// maxRetryAfter bounds what a server may ask for with Retry-After.
	maxRetryAfter = 60 * time.Second
)

// Retry is a request that is about to be sent again.
type Retry struct {
	// Err is why.
	Err error
	// Wait is how long it waits first.
	Wait time.Duration
}

// Once gives the same client without retries, for those who repeat requests
// themselves.
func (c *Client) Once() *Client {
	once := *c
	once.opts.Retries = 0
	return &once
}

// retrying calls send until it succeeds, an error is final, or Retries are used
// up. Reads is true for a request that changes nothing.
func retrying[T any](ctx context.Context, c *Client, reads bool, send func() (T, error)) (T, error) {
	backoff := firstRetry
	for left := c.opts.Retries; ; left-- {
		result, err := send()
		if err == nil || left <= 0 || !mayRetry(err, reads) {
			return result, err
		}
		wait := jittered(backoff)
		if api, ok := errors.AsType[*APIError](err); ok && api.RetryAfter > 0 {
			wait = min(api.RetryAfter, maxRetryAfter)
		}
		if c.opts.OnRetry != nil {
			c.opts.OnRetry(Retry{Err: err, Wait: wait})
		}
		select {
		case <-time.After(wait):
			backoff *= 2
		case <-ctx.Done():
			return result, &ConnectionError{Method: methodOf(err), URL: c.base, Err: context.Cause(ctx)}
		}
	}
}

// mayRetry reports whether sending again is safe and may help: a request that
// never left, because no connection came to be; one that reads, too, where a
// proxy or an overloaded server turned it away.
func mayRetry(err error, reads bool) bool {
	if broken, ok := errors.AsType[*ConnectionError](err); ok {
		return !broken.Sent && passing(broken.Err)
	}
	api, ok := errors.AsType[*APIError](err)
	if !ok || !reads {
		return false
	}
	switch api.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// passing reports whether the reason for no connection may be gone in a
// moment: a server that restarts, a network that comes back. A name that does
// not exist and a certificate that is wrong stay as they are.
func passing(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsTemporary && !dns.IsNotFound
	}
	for _, code := range []error{
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN,
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

func methodOf(err error) string {
	if broken, ok := errors.AsType[*ConnectionError](err); ok {
		return broken.Method
	}
	if api, ok := errors.AsType[*APIError](err); ok {
		return api.Method
	}
	return ""
}

// retryAfter reads the header of that name: seconds, or a date, which counts
// from the server's own date.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), math.MaxInt32)) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return max(until.Sub(now), 0)
}
