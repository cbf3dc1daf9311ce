package follow

import (
	"errors"
	"net/http"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// UnfinishedError is a wait that its context ended.
type UnfinishedError struct {
	// State is the last known state, without environments if no state is known.
	State *State
	// Sent reports whether the request may have reached the server.
	Sent bool
	// Err is the cause of the context's end.
	Err error
}

func (e *UnfinishedError) Error() string { return e.Err.Error() }
func (e *UnfinishedError) Unwrap() error { return e.Err }

// UnknownError is a request that was sent, and whose outcome is unknown.
type UnknownError struct {
	// State is the last known state.
	State *State
	// Reason is the reason why the wait ended, as a clause of a sentence.
	Reason string
	// Err is how the request ended, nil if it was still open. It is not unwrapped, because an
	// unknown outcome is not a connection error.
	Err error
}

func (e *UnknownError) Error() string {
	return "the request was sent, but its outcome is unknown: " + e.Reason
}

// RefusedError is a server that stopped accepting the token in the middle of a wait.
type RefusedError struct {
	State *State
	// Err is the refusal: an *codemanager.APIError.
	Err error
}

func (e *RefusedError) Error() string { return e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// NoCheckInError is a staged deployment on a server where no compiler has ever checked in.
type NoCheckInError struct{ State *State }

func (e *NoCheckInError) Error() string {
	var hosts []string
	for _, c := range e.State.Compilers {
		hosts = append(hosts, c.Host)
	}
	return "the environments are staged, but no compiler has ever checked in: " + strings.Join(hosts, ", ")
}

// mayGoOn reports whether a deployment may continue although its request ended with this error: the
// connection broke after the request was sent, or a gateway answered instead of the server. If Code
// Manager answered a look at the same address, any page that it never sends comes from a gateway
// too.
func mayGoOn(err error, lookAnswered bool) bool {
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		return broken.Sent
	}
	if _, nonsense := errors.AsType[*codemanager.ResponseError](err); nonsense {
		return lookAnswered
	}
	api, ok := errors.AsType[*codemanager.APIError](err)
	if !ok || strings.HasPrefix(api.Kind, "puppetlabs.") {
		return false
	}
	return isGateway(api.StatusCode) || lookAnswered && api.Kind == "" && api.StatusCode >= http.StatusInternalServerError
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

// mayBeUndelivered reports whether a gateway could not reach the server.
func mayBeUndelivered(err error) bool {
	api, ok := errors.AsType[*codemanager.APIError](err)
	return ok && (api.StatusCode == http.StatusBadGateway || api.StatusCode == http.StatusServiceUnavailable)
}

// isUnsupported reports whether the answer to a look suggests a server without deploys/status.
func isUnsupported(err error) bool {
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		return api.StatusCode == http.StatusNotFound || api.StatusCode == http.StatusMethodNotAllowed
	}
	_, nonsense := errors.AsType[*codemanager.ResponseError](err)
	return nonsense
}

// isUnauthorized reports whether the server refused a look because of the token.
func isUnauthorized(err error) bool {
	api, ok := errors.AsType[*codemanager.APIError](err)
	return ok && api.Unauthorized()
}
