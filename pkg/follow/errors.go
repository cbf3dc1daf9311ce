package follow

import (
	"errors"
	"net/http"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// UnfinishedError is a wait that its context ended.
type UnfinishedError struct {
	// Sent reports whether a request may have reached the server.
	Sent bool
	// Err is the cause of the context's end.
	Err error
}

func (e *UnfinishedError) Error() string { return e.Err.Error() }
func (e *UnfinishedError) Unwrap() error { return e.Err }

// UnknownError is a request that was sent, or a deployment that was watched, whose outcome is unknown.
type UnknownError struct {
	// Watched is true if there was no request.
	Watched bool
	// Reason is the reason why the wait ended, as a clause of a sentence.
	Reason string
	// Err is how the request ended, nil if it was still open. It is not unwrapped, because an
	// unknown outcome is not a connection error.
	Err error
}

func (e *UnknownError) Error() string {
	if e.Watched {
		return "the outcome is unknown: " + e.Reason
	}
	return "the request was sent, but its outcome is unknown: " + e.Reason
}

// Unanswered reports whether a request that ended with this error may have reached the server, which
// deploys regardless: the connection broke after the request was sent, a gateway answered instead of
// the server, or the error is of an unknown kind. Pages that Code Manager never sends count as a
// gateway's only if Code Manager has answered at the same address.
func Unanswered(err error, hasAnswered bool) bool {
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		return broken.Sent
	}
	if _, nonsense := errors.AsType[*codemanager.ResponseError](err); nonsense {
		return hasAnswered
	}
	api, ok := errors.AsType[*codemanager.APIError](err)
	switch {
	case !ok:
		return true
	case strings.HasPrefix(api.Kind, "puppetlabs."):
		return false
	default:
		return isGateway(api.StatusCode) || api.Kind == "" && api.StatusCode >= http.StatusInternalServerError
	}
}

// wasSent reports whether a request that ended with this error may have reached the server.
func wasSent(err error) bool {
	broken, ok := errors.AsType[*codemanager.ConnectionError](err)
	return !ok || broken.Sent
}

// isGateway reports whether proxies and load balancers return a status for a slow or unreachable
// server. Cloudflare uses 520 to 530.
func isGateway(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return status >= 520 && status <= 530
	}
}

// isUnauthorized reports whether the server refused a look because of the token.
func isUnauthorized(err error) bool {
	api, ok := errors.AsType[*codemanager.APIError](err)
	return ok && api.Unauthorized()
}
