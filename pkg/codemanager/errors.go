package codemanager

import (
	"cmp"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

type (
	// APIError is a request that the server refused or could not serve: any 4xx or 5xx status, and
	// an error object instead of a result. It has the StatusCode, the server's Kind, Message and
	// Details, a Snippet of any other body, and RetryAfter. Unauthorized reports whether the server
	// did not accept the token.
	APIError = transport.APIError
	// ResponseError is an answer that is not from Code Manager: not JSON, JSON of another shape,
	// empty, or incomplete. It has the StatusCode, the ContentType, a Snippet of the body, and the
	// problem as Err.
	ResponseError = transport.ResponseError
	// ConnectionError is a request without an answer: no such host, connection refused, a TLS
	// error, a timeout, or a broken connection. Sent reports whether the request may have reached
	// the server; Err is the reason.
	ConnectionError = transport.ConnectionError
	// ProxyError is a proxy that did not connect to the server. It comes inside a ConnectionError.
	ProxyError = transport.ProxyError
	// CertificateError is a server certificate that could not be verified: its Host, the Certificate,
	// and Err. It comes inside a ConnectionError.
	CertificateError = transport.CertificateError
	// Retry is a request that will be sent again: Err is the reason, Wait the time until then,
	// Attempt its number, and Attempts their total.
	Retry = transport.Retry
	// TLSOptions have the trusted authorities (CACert is the path of a PEM file, CAPEM is PEM
	// text), and the Verification of certificates.
	TLSOptions = transport.TLSOptions
	// Verification is how a server's certificate is checked.
	Verification = transport.Verification
)

// How a server's certificate is checked.
const (
	// VerifyHost checks the chain and the subject alternative names. The default.
	VerifyHost = transport.VerifyHost
	// VerifyCommonName also accepts a host in the Common Name.
	VerifyCommonName = transport.VerifyCommonName
	// VerifyNothing accepts any certificate.
	VerifyNothing = transport.VerifyNothing
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
