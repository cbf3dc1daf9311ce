package api

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Kinds of errors of a whole request. Those of packages deploy and tokens are documented, too. The
// last group belongs to the sandbox, because the kinds of real servers are not documented.
const (
	KindWebhookType = "puppetlabs.code-manager/unrecognized-webhook-type"

	KindDenied           = "puppetlabs.rbac/permission-denied"
	KindInvalidRequest   = "puppetlabs.code-manager/invalid-request"
	KindRequestTooLarge  = "puppetlabs.code-manager/request-too-large"
	KindNotFound         = "puppetlabs.code-manager/not-found"
	KindMethodNotAllowed = "puppetlabs.code-manager/method-not-allowed"
	KindUnavailable      = "puppetlabs.code-manager/service-unavailable"
)

// problem is the answer to a request that fails as a whole.
type problem struct {
	status    int
	kind, msg string
	// details may be nil, then the key is absent.
	details any
}

// invalid is the problem of an invalid request.
func invalid(msg string) *problem {
	return &problem{status: http.StatusBadRequest, kind: KindInvalidRequest, msg: msg}
}

func (p *problem) write(w http.ResponseWriter) {
	writeJSON(w, p.status, errorObject{Kind: p.kind, Msg: p.msg, Details: p.details})
}

// writeJSON answers with a value. A name from a request may hold bytes that are
// not UTF-8; they are replaced. A client that does not read the answer is no
// error.
func writeJSON(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value, jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"kind":"`+KindUnavailable+`","msg":"the answer could not be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
