package follow

import (
	"errors"
	"net/http"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// UnfinishedError is a wait that its context ended.
type UnfinishedError struct {
	// State is the last that was seen; it has no environments if nothing was seen.
	State *State
	// Sent reports whether the request may have reached the server.
	Sent bool
	// Err is the cause of the context's end.
	Err error
}

func (e *UnfinishedError) Error() string { return e.Err.Error() }
func (e *UnfinishedError) Unwrap() error { return e.Err }

// UnknownError is a request that was sent, and what became of it can't be told.
type UnknownError struct {
	// State is the last that was seen.
	State *State
	// Reason says why the wait ended: a clause for a person.
	Reason string
	// Err is how the request ended, nil if it was still held. It is not unwrapped: what became of the
	// request is not an error of the connection.
	Err error
}

func (e *UnknownError) Error() string {
	return "the request was sent, but its outcome is unknown: " + e.Reason
}

// RefusedError is a server that accepts the token no more, in the middle of a wait.
type RefusedError struct {
	State *State
	// Err is the refusal: an *codemanager.APIError.
	Err error
}

func (e *RefusedError) Error() string { return e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// NoCheckInError is a deployment that is staged, and no compiler has ever checked in.
type NoCheckInError struct{ State *State }

func (e *NoCheckInError) Error() string {
	return "the environments are staged, but no compiler has ever checked in: " +
		strings.Join(e.State.hosts(), ", ")
}

func (s *State) hosts() []string {
	var hosts []string
	for _, c := range s.Compilers {
		hosts = append(hosts, c.Host)
	}
	return hosts
}

// mayGoOn reports whether a deployment may go on although its request ended like this: the connection
// broke after the request had left, or a gateway answered in place of the server. If a Code Manager
// answered a look at the same address, then a page that no Code Manager sends is a gateway's too.
func mayGoOn(err error, lookAnswered bool) bool {
	if broken, ok := asConnection(err); ok {
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

// isGateway reports whether a status is one of those that proxies and load balancers return for a
// server that is slow or away. Those from 520 are Cloudflare's.
func isGateway(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return status >= 520 && status <= 530
	}
}

// mayBeUndelivered reports whether a gateway said that it could not reach the server.
func mayBeUndelivered(err error) bool {
	api, ok := errors.AsType[*codemanager.APIError](err)
	return ok && (api.StatusCode == http.StatusBadGateway || api.StatusCode == http.StatusServiceUnavailable)
}

// isUnsupported reports whether a look was answered as by a server without deploys/status.
func isUnsupported(err error) bool {
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		return api.StatusCode == http.StatusNotFound || api.StatusCode == http.StatusMethodNotAllowed
	}
	_, nonsense := errors.AsType[*codemanager.ResponseError](err)
	return nonsense
}

// isUnauthorized reports whether a look was refused for the token.
func isUnauthorized(err error) bool {
	api, ok := errors.AsType[*codemanager.APIError](err)
	return ok && api.Unauthorized()
}

func asConnection(err error) (*codemanager.ConnectionError, bool) {
	return errors.AsType[*codemanager.ConnectionError](err)
}
