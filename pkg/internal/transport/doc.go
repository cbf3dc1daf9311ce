// Package transport has the shared parts of the clients for Puppet's HTTPS services: TLS, no
// redirects, safe retries, limits on answers, and typed errors. The token is sent in one header,
// only to the configured host.
package transport
