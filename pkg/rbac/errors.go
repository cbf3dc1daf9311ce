package rbac

import "github.com/puppet-code/puppet-code/pkg/service"

// The errors of a request, and the report of a retry. Package service documents them.
type (
	APIError         = service.APIError
	ResponseError    = service.ResponseError
	ConnectionError  = service.ConnectionError
	ProxyError       = service.ProxyError
	CertificateError = service.CertificateError
	Retry            = service.Retry
)
