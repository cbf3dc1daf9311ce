package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/service"
)

func system(errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errno)}
}

// The table of docs/reference/security.md.
func TestRetriesByErrorAndRequest(t *testing.T) {
	notSent := func(err error) error { return &service.ConnectionError{Method: http.MethodPost, Err: err} }
	status := func(code int) error { return &service.APIError{StatusCode: code} }
	for name, test := range map[string]struct {
		err               error
		reads, deployment bool
	}{
		"refused":                         {notSent(system(refused[0])), true, true},
		"reset before it left":            {notSent(system(reset[0])), true, true},
		"network unreachable":             {notSent(system(unreachable[0])), true, true},
		"host unreachable":                {notSent(system(unreachable[1])), true, true},
		"no answer of DNS":                {notSent(&net.DNSError{IsTemporary: true, IsTimeout: true}), true, true},
		"no such host":                    {notSent(&net.DNSError{IsNotFound: true, IsTemporary: true}), false, false},
		"a proxy that is not there":       {notSent(&service.ProxyError{Err: system(refused[0])}), true, true},
		"a proxy that refuses":            {notSent(&service.ProxyError{Err: errors.New("it answers 407")}), false, false},
		"a certificate":                   {notSent(&service.CertificateError{Err: &tls.CertificateVerificationError{}}), false, false},
		"plain HTTP":                      {notSent(http.ErrSchemeMismatch), false, false},
		"reset after it left":             {&service.ConnectionError{Sent: true, Err: system(reset[0])}, false, false},
		"EOF after it left":               {&service.ConnectionError{Sent: true, Err: io.EOF}, false, false},
		"refused, it says, after it left": {&service.ConnectionError{Sent: true, Err: system(refused[0])}, false, false},
		"500":                             {status(500), false, false},
		"502":                             {status(502), true, false},
		"503":                             {status(503), true, false},
		"504":                             {status(504), true, false},
		"401":                             {status(401), false, false},
		"429":                             {status(429), false, false},
		"no sense":                        {&service.ResponseError{StatusCode: 200}, false, false},
	} {
		if got := mayRetry(test.err, true); got != test.reads {
			t.Errorf("%s: a request that reads is tried again: %t", name, got)
		}
		if got := mayRetry(test.err, false); got != test.deployment {
			t.Errorf("%s: a deployment is tried again: %t", name, got)
		}
	}
}

// Pauses double, each varied by up to a tenth. Retry-After of the server is obeyed, within limits.
func TestPausesBetweenRetries(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		want  []time.Duration
	}{
		"back-off":                  {0, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}},
		"as the server says":        {7 * time.Second, []time.Duration{7 * time.Second, 7 * time.Second}},
		"as it says, within bounds": {time.Hour, []time.Duration{time.Minute}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var said []service.Retry
			c := &Client{opts: service.Options{Retries: len(test.want), OnRetry: func(r service.Retry) { said = append(said, r) }}}
			fails := &service.APIError{StatusCode: http.StatusServiceUnavailable, RetryAfter: test.after}
			var times []time.Time
			_, err := retry(t.Context(), c, Request{Safe: true}, func() (*Response, error) {
				times = append(times, time.Now())
				return nil, fails
			})
			if !errors.Is(err, fails) || len(times) != len(test.want)+1 || len(said) != len(test.want) {
				t.Fatalf("%s: %d tries, %d said, %v", name, len(times), len(said), err)
			}
			for i, want := range test.want {
				got := times[i+1].Sub(times[i])
				if got != said[i].Wait || (got-want).Abs() > want/10 || test.after > 0 && got != want || !errors.Is(said[i].Err, fails) {
					t.Errorf("%s: waits %s and says %s, want %s", name, got, said[i].Wait, want)
				}
			}
		})
	}
}

func TestRetryPauseEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, cause)
		defer cancel()
		began, tries := time.Now(), 0
		_, err := retry(ctx, &Client{opts: service.Options{Retries: 99}}, Request{Method: http.MethodGet, Safe: true}, func() (*Response, error) {
			tries++
			return nil, &service.APIError{Method: http.MethodGet, StatusCode: http.StatusBadGateway, RetryAfter: time.Minute}
		})
		broken, ok := errors.AsType[*service.ConnectionError](err)
		if !ok || broken.Sent || broken.Method != http.MethodGet || !errors.Is(err, cause) || tries != 1 || time.Since(began) != 3*time.Second {
			t.Errorf("%d tries in %s: %v", tries, time.Since(began), err)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	const date = "Wed, 09 Jul 2031 10:00:00 GMT"
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-7": 0, "x": 0, "1e3": 0, "99999999999999999999": 0,
		"Wed, 09 Jul 2031 10:00:30 GMT": 30 * time.Second, "Wed, 09 Jul 2031 09:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}, "Date": {date}}); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {date}}); got != 0 {
		t.Errorf("a date without the server's own: %s", got)
	}
	// A huge number of seconds must not overflow. Its limit is applied on use.
	if got := retryAfter(http.Header{"Retry-After": {"9300000000"}}); got < 0 {
		t.Errorf("%s", got)
	}
}
