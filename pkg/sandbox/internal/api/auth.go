package api

import (
	"errors"
	"net/http"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// unauthorized is the answer to an invalid token.
func unauthorized(kind, msg string) *problem {
	return &problem{status: http.StatusUnauthorized, kind: kind, msg: msg}
}

// authenticate finds the token of a request: in its header, or in the query that
// the documentation allows as well.
func (a *api) authenticate(r *http.Request) (tokens.Token, *problem) {
	text := r.Header.Get("X-Authentication")
	if text == "" {
		text = r.URL.Query().Get("token")
	}
	if text == "" {
		return tokens.Token{}, unauthorized(KindUnauthenticated, "Route requires authentication")
	}
	token, err := a.Tokens.Lookup(text)
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, tokens.ErrUserRevoked):
		return token, unauthorized(KindUserRevoked, "This account has been revoked.")
	case errors.Is(err, tokens.ErrRevoked):
		return token, unauthorized(KindTokenRevoked, "Authentication token has been revoked.")
	case errors.Is(err, tokens.ErrExpired):
		return token, unauthorized(KindTokenExpired, "The provided token has expired.")
	default:
		return token, unauthorized(KindInvalidToken, "The provided token is not valid.")
	}
}

// mayDeploy refuses a user without any permission to deploy.
func mayDeploy(token tokens.Token) *problem {
	if token.AllowsAny() {
		return nil
	}
	return &problem{status: http.StatusForbidden, kind: KindDenied, msg: "You are not authorized to deploy Puppet environments"}
}

// refusal decides whether a token may not deploy an environment.
func refusal(token tokens.Token) func(environment string) *deploy.Failure {
	return func(environment string) *deploy.Failure {
		if token.Allows(environment) {
			return nil
		}
		return &deploy.Failure{Kind: KindDenied, Msg: "You are not authorized to deploy Puppet environment '" + environment + "'"}
	}
}
