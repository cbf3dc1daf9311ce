// Package service has what the clients of Puppet Enterprise's services share: the errors of a
// request. Package codemanager is the client of Code Manager, package rbac that of the token
// service.
//
// A request that fails returns one of three errors, for [errors.As]: [*APIError] if the server
// refused it, [*ResponseError] if the answer is not from the service, [*ConnectionError] if there is
// no answer. No error has the token or a password in it, not even if the server repeats them.
package service
