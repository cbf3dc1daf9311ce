package rbac

import "github.com/puppet-code/puppet-code/pkg/service"

// The errors of a request, and the report of a retry. Package service documents them.
type (
	// APIError is a request that the server refused.
	APIError = service.APIError
	// ResponseError is an answer that is not from the service.
	ResponseError = service.ResponseError
	// ConnectionError is a request without an answer.
	ConnectionError = service.ConnectionError
	// ProxyError is a proxy that did not connect to the server.
	ProxyError = service.ProxyError
	// CertificateError is a certificate that could not be verified.
	CertificateError = service.CertificateError
	// Retry is a request that is about to be sent again.
	Retry = service.Retry
)
