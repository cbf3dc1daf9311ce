package codemanager

import (
	"cmp"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

type (
	// APIError is a request that the server refused or could not serve: any 4xx or 5xx status, and an
	// error object in place of a result. It has the StatusCode, the server's Kind, Message and
	// Details, a Snippet of a body that is no error object, and RetryAfter. Unauthorized reports
	// whether the token was not accepted.
	APIError = transport.APIError
	// ResponseError is an answer that is not one of Code Manager: not JSON, JSON of another shape,
	// empty, or cut short. It has the StatusCode, the ContentType, a Snippet of the body, and as Err
	// what is wrong with it.
	ResponseError = transport.ResponseError
	// ConnectionError is a request without an answer: no such host, nobody listening, TLS, a limit of
	// time, a connection that broke. Sent reports whether the request may have reached the server; Err
	// is the reason.
	ConnectionError = transport.ConnectionError
	// ProxyError is a proxy that makes no connection to the server. It comes inside
	// a ConnectionError.
	ProxyError = transport.ProxyError
	// CertificateError is a server certificate that could not be verified: its Host, the Certificate,
	// and Err. It comes inside a ConnectionError.
	CertificateError = transport.CertificateError
	// Retry is a request that is about to be sent again: the Err that is the reason, the Wait until
	// then, and which Attempt it is, of how many Attempts.
	Retry = transport.Retry
	// TLSOptions say whom to trust: CACert, the path of a PEM file, or CAPEM, PEM text; and how to
	// verify a certificate: Verification.
	TLSOptions = transport.TLSOptions
	// Verification is how a server's certificate is checked.
	Verification = transport.Verification
)

// How a server's certificate is checked.
const (
	// VerifyHost checks the chain and the subject alternative names. The default.
	VerifyHost = transport.VerifyHost
	// VerifyCommonName accepts a host that stands in the Common Name too.
	VerifyCommonName = transport.VerifyCommonName
	// VerifyNothing accepts any certificate.
	VerifyNothing = transport.VerifyNothing
)

// ErrorObject is how a Code Manager describes a failure: of one environment inside an answer, or of a
// whole request.
type ErrorObject struct {
	// Kind is a slash-separated name such as puppetlabs.code-manager/deploy-failure.
	Kind string `json:"kind,omitempty"`
	Msg  string `json:"msg,omitempty"`
	// Details is JSON: an object, a string, or null, as the server likes; nil if absent.
	Details RawJSON `json:"details,omitzero"`
}

// UnmarshalJSON reads an object or, as some servers send, a text alone, which becomes Msg. Any other
// JSON becomes the Details.
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

// CorrectedName is the server's name for an environment that was asked for by the name of its
// branch, "" if it gives none. Its key has changed over the years.
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
