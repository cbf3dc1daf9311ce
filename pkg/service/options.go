package service

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"
)

// Options configure a client. The zero value of a field means its default.
type Options struct {
	// BaseURL is the URL of the service, such as https://primary.example.com:8170/code-manager or
	// https://console.example.com:4433/rbac-api: without user, query and fragment.
	BaseURL string
	// Token is sent in the header X-Authentication. Without a token the header is left out, as it is for
	// a login.
	Token string
	// TLS has the trusted authorities, as RootCAs. Nil trusts the system's. A client never speaks less
	// than TLS 1.2.
	TLS *tls.Config
	// RoundTripper replaces the connection to the server, for tests and tracing. TLS has no effect
	// then.
	RoundTripper http.RoundTripper
	// LookupEnv reads HTTPS_PROXY, ALL_PROXY and NO_PROXY. Defaults to os.LookupEnv.
	LookupEnv func(string) (string, bool)
	// UserAgent defaults to puppet-code.
	UserAgent string
	// Logger gets a debug line for every request and its outcome, without headers, bodies and secrets.
	// Defaults to no log.
	Logger *slog.Logger
	// ConnectTimeout limits the TCP connection and the TLS handshake separately. Defaults to 15 s.
	ConnectTimeout time.Duration
	// ReadTimeout limits a request until its answer is complete. Defaults to 60 s. Deployments are
	// limited only by their context.
	ReadTimeout time.Duration
	// Retries is how often a request is sent again if no connection could be made and, if it only
	// reads, after 502, 503 or 504. Defaults to 0.
	Retries int
	// OnRetry is called before each retry. May be nil.
	OnRetry func(Retry)
}
