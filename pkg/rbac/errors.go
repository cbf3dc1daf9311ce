package rbac

import "github.com/puppet-code/puppet-code/pkg/internal/transport"

type (
	// APIError is a request that the server refused or could not serve. It has the HTTP status, the
	// server's Kind, Message and Details, and a Snippet of any other body.
	APIError = transport.APIError
	// ResponseError is an answer that is not from the service: not JSON, JSON of another shape,
	// empty, or incomplete.
	ResponseError = transport.ResponseError
	// ConnectionError is a request without an answer. Sent reports whether it may have reached the
	// server.
	ConnectionError = transport.ConnectionError
	// ProxyError is a proxy that did not connect to the server. It comes inside a ConnectionError.
	ProxyError = transport.ProxyError
	// CertificateError is a server certificate that could not be verified. It comes inside a
	// ConnectionError.
	CertificateError = transport.CertificateError
	// Retry is a request that will be sent again, with the reason, the time and the number of the
	// attempt.
	Retry = transport.Retry
	// TLSOptions have the trusted authorities, as the path of a PEM file or as PEM text, and how to
	// verify.
	TLSOptions = transport.TLSOptions
)
