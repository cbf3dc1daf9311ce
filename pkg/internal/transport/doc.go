// Package transport is what the clients of Puppet's HTTPS services share: TLS, no redirects, retries
// where they are safe, bounds on what a server may send, and typed errors. The token is sent in one
// header, to the configured host alone.
package transport
