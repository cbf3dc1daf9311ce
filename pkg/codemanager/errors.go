package codemanager

import (
	"cmp"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/service"
)

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

// ErrorObject is Code Manager's description of a failure: of one environment inside an answer, or
// of a whole request.
type ErrorObject struct {
	// Kind is a slash-separated name such as puppetlabs.code-manager/deploy-failure.
	Kind string `json:"kind,omitempty"`
	Msg  string `json:"msg,omitempty"`
	// Details is JSON: an object, a string, or null, depending on the server; nil if absent.
	Details RawJSON `json:"details,omitzero"`
}

// UnmarshalJSON reads an object, or a string from some servers, which becomes Msg. Any other JSON
// becomes the Details.
func (e *ErrorObject) UnmarshalJSON(text []byte) error {
	type plain ErrorObject
	var object plain
	var message string
	switch {
	case json.Unmarshal(text, &object, jsonread.Lenient) == nil:
		*e = ErrorObject(object)
	case json.Unmarshal(text, &message, jsonread.Lenient) == nil:
		*e = ErrorObject{Msg: message}
	default:
		*e = ErrorObject{Details: append(RawJSON(nil), text...)}
	}
	return nil
}

// CorrectedName is the server's name for an environment that was requested by the name of its
// branch, "" if the server gives no name. Its key has changed over the years.
func (e *ErrorObject) CorrectedName() string {
	var names struct {
		Newer  string `json:"corrected-name"`
		Older  string `json:"corrected-env-name"`
		Oldest string `json:"env-name"`
	}
	if json.Unmarshal(e.Details, &names, jsonread.Lenient) != nil {
		return ""
	}
	return cmp.Or(names.Newer, names.Older, names.Oldest)
}
