package transport

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/puppet-code/puppet-code/pkg/service"
)

// The rules for retries are a table in docs/reference/security.md; both change together.
const (
	firstRetry = 500 * time.Millisecond
	jitter     = 0.1
	// MaxRetryAfter is the maximum time that Retry-After can request.
	MaxRetryAfter = 60 * time.Second
)

// retry calls send until it succeeds, an error is final, or no retries are left.
func retry(ctx context.Context, c *Client, r Request, send func() (*Response, error)) (*Response, error) {
	attempts := 1 + c.opts.Retries
	backoff := firstRetry
	for attempt := 2; ; attempt++ {
		response, err := send()
		if err == nil || attempt > attempts || !mayRetry(err, r.Safe) {
			return response, err
		}
		wait := Jittered(backoff)
		if api, ok := errors.AsType[*service.APIError](err); ok && api.RetryAfter > 0 {
			wait = min(api.RetryAfter, MaxRetryAfter)
		}
		if c.opts.OnRetry != nil {
			c.opts.OnRetry(service.Retry{Err: err, Attempt: attempt, Attempts: attempts, Wait: wait})
		}
		select {
		case <-time.After(wait):
			backoff *= 2
		case <-ctx.Done():
			return nil, &service.ConnectionError{Method: r.Method, URL: c.shown(r), Err: context.Cause(ctx)}
		}
	}
}

// mayRetry reports whether a retry is safe and may help: the request was never sent, because no
// connection could be made, or it is Safe and a proxy or an overloaded server rejected it.
func mayRetry(err error, safe bool) bool {
	if broken, ok := errors.AsType[*service.ConnectionError](err); ok {
		return !broken.Sent && passing(broken.Err)
	}
	api, ok := errors.AsType[*service.APIError](err)
	gateway := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	return ok && safe && slices.Contains(gateway, api.StatusCode)
}

// passing reports whether the reason for a failed connection may be temporary, such as a restarting
// server or a network outage. An unknown name and a wrong certificate are permanent.
func passing(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsTemporary && !dns.IsNotFound
	}
	return IsRefused(err) || IsReset(err) || IsUnreachable(err)
}

// Jittered varies an interval at random by up to a tenth, so that many clients do not send requests
// at the same time.
func Jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 + jitter*(2*rand.Float64()-1))) //nolint:gosec // no secret
}

// retryAfter reads the header of that name: seconds, or a date, which counts from the server's own
// date.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), math.MaxInt32)) * time.Second
	}
	until, err := http.ParseTime(text)
	now, errNow := http.ParseTime(header.Get("Date"))
	if err != nil || errNow != nil {
		return 0
	}
	return max(until.Sub(now), 0)
}
