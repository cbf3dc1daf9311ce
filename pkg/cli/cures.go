package cli

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
)

// newToken is the advice for a token that is no longer valid.
const newToken = "get a new token with `puppet-code login`."

// kindCures have the advice for errors of the token service, by kind, without the prefix
// puppetlabs.rbac/.
var kindCures = map[string]string{
	"user-unauthenticated": newToken,
	"invalid-token":        "check that the token is complete and belongs to this Puppet installation, or " + newToken,
	"token-expired":        newToken + " Its option --lifetime sets how long the new token is valid.",
	"token-revoked":        "somebody revoked this token: " + newToken,
	"token-timeout":        "the token has been unused for too long: " + newToken,
	"user-revoked":         accountRevoked,
	"permission-denied":    mayNotDeploy,
	"not-permitted":        mayNotDeploy,
}

const (
	accountRevoked = "ask an administrator to reinstate the account in the console (Access control, Users). Another token does not help."
	mayNotDeploy   = "ask an administrator for the permission to deploy these environments (the role Code Deployers has it)."
)

// tokenCure is the advice for a 401 or a 403: by the kind of the error, else by its message, else
// by its status.
func tokenCure(err *codemanager.APIError) string {
	if kind, ok := strings.CutPrefix(err.Kind, "puppetlabs.rbac/"); ok && kindCures[kind] != "" {
		if kind != "user-unauthenticated" || !saysAccountRevoked(err.Message) {
			return kindCures[kind]
		}
	}
	switch {
	case saysAccountRevoked(err.Message):
		return accountRevoked
	case err.StatusCode == http.StatusForbidden:
		return mayNotDeploy
	default:
		return newToken
	}
}

// saysAccountRevoked recognizes "This account has been revoked", which servers send with more than
// one kind.
func saysAccountRevoked(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "revoked") && (strings.Contains(message, "account") || strings.Contains(message, "user"))
}

// wrongURL is the probable mistake in the service URL of a request that got a 404.
func wrongURL(asked, endpoint string) string {
	parsed, err := url.Parse(asked)
	if err != nil {
		return config.ServiceURLHint("")
	}
	parsed.RawQuery = ""
	return config.ServiceURLHint(strings.TrimSuffix(parsed.String(), "/v1"+endpoint))
}
