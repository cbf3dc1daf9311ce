// Package rbac is a client for the token service of Puppet Enterprise, a part of the console's RBAC
// API: it gets, checks, renews and revokes the tokens that Code Manager asks for.
//
// [New] makes a [Client], with or without a token. [Client.LogIn] gets a token for a name and a
// password, [Client.NewToken] gets another one for a valid token, [Client.Authenticate] gets the
// server's information about the token, [Client.Revoke] revokes it.
//
// A request that fails returns one of three errors, for [errors.As]: [*APIError] if the server
// refused it, [*ResponseError] if the answer is not one of the service, [*ConnectionError] if there is
// none. None of them has the token or the password in it, not even if the server repeats them.
//
// The client follows no redirects and speaks TLS 1.2 or later. Once a request that changes something
// has left this machine, it is never sent a second time: ten refused logins revoke an account.
package rbac
