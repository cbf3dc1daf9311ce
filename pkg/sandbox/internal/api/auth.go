package api

import (
	"errors"
	"net/http"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// authenticate finds the token of a request: in its header, or in the query that
// the documentation allows as well.
func (a *api) authenticate(r *http.Request) (tokens.Token, *problem) {
	text := r.Header.Get("X-Authentication")
	if text == "" {
		text = r.URL.Query().Get("token")
	}
	token, err := a.Tokens.Lookup(text)
	if refusal := (*tokens.Refusal)(nil); errors.As(err, &refusal) {
		return token, &problem{status: http.StatusUnauthorized, kind: refusal.Kind, msg: refusal.Msg}
	}
	return token, nil
}

// mayDeploy refuses all deployments if the user has no permission to deploy.
func (a *api) mayDeploy() *problem {
	if a.DenyDeploy {
		return &problem{status: http.StatusForbidden, kind: KindDenied, msg: "You are not authorized to deploy Puppet environments"}
	}
	return nil
}
