package sandbox

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
)

// Kinds of errors of a whole request. Those of rbac are beside the
// authenticator. The last group is the sandbox's own: what a server says there
// is not documented.
const (
	kindDeployFailure = "puppetlabs.code-manager/deploy-failure"
	kindCollectFailed = "puppetlabs.code-manager/collect-failed"

	kindInvalidRequest   = "puppetlabs.code-manager/invalid-request"
	kindRequestTooLarge  = "puppetlabs.code-manager/request-too-large"
	kindNotFound         = "puppetlabs.code-manager/not-found"
	kindMethodNotAllowed = "puppetlabs.code-manager/method-not-allowed"
	kindUnavailable      = "puppetlabs.code-manager/service-unavailable"
)

// problem is the answer to a request that fails as a whole.
type problem struct {
	status    int
	kind, msg string
	// details may be nil, then the key is absent.
	details any
}

// invalid is a request that makes no sense.
func invalid(msg string) *problem {
	return &problem{status: http.StatusBadRequest, kind: kindInvalidRequest, msg: msg}
}

func (p *problem) object() codemanager.ErrorObject {
	object := codemanager.ErrorObject{Kind: p.kind, Msg: p.msg}
	if p.details != nil {
		object.Details = rawJSON(p.details)
	}
	return object
}

func (p *problem) write(w http.ResponseWriter) { writeJSON(w, p.status, p.object()) }

// writeJSON answers with a value. Who does not read the answer is no error.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(rawJSON(value), '\n')) //nolint:gosec // JSON, and declared as such
}

// rawJSON encodes what the sandbox made itself. A name from a request may hold
// bytes that are not UTF-8; they are replaced rather than refused.
func rawJSON(value any) jsontext.Value {
	text, err := json.Marshal(value, jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	if err != nil {
		return jsontext.Value(`{"kind":"` + kindUnavailable + `","msg":"the answer could not be encoded"}`)
	}
	return text
}
