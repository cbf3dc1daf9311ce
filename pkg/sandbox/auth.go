package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"time"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
)

const (
	kindUnauthenticated = "puppetlabs.rbac/user-unauthenticated"
	kindInvalidToken    = "puppetlabs.rbac/invalid-token"
	kindTokenExpired    = "puppetlabs.rbac/token-expired"
	kindTokenRevoked    = "puppetlabs.rbac/token-revoked"
	kindUserRevoked     = "puppetlabs.rbac/user-revoked"
	kindDenied          = "puppetlabs.rbac/permission-denied"
)

// authenticator knows the tokens that are accepted. It holds no token, only
// hashes.
type authenticator struct {
	grants []grant
	now    func() time.Time
}

// grant is what one token allows.
type grant struct {
	hash [sha256.Size]byte
	// user is who the token was made for, for the log.
	user string
	// expires is when the token ends; zero is never.
	expires                   time.Time
	tokenRevoked, userRevoked bool
	// limited grants allow only the environments that are named.
	limited      bool
	environments []string
}

// newGrant is a grant for everything.
func newGrant(user, token string) grant {
	return grant{hash: sha256.Sum256([]byte(token)), user: user}
}

// sameToken reports whether two grants are of one token.
func (g grant) sameToken(other grant) bool { return g.hash == other.hash }

// unauthorized is an answer to a token that is not accepted.
func unauthorized(kind, msg string) *problem {
	return &problem{status: http.StatusUnauthorized, kind: kind, msg: msg}
}

// authenticate finds the grant of a token. It takes as long for a wrong token
// as for a right one: hashes have one length, and all are compared.
func (a *authenticator) authenticate(token string) (grant, *problem) {
	if token == "" {
		return grant{}, unauthorized(kindUnauthenticated, "Route requires authentication")
	}
	hash := sha256.Sum256([]byte(token))
	found := -1
	for i, g := range a.grants {
		if subtle.ConstantTimeCompare(hash[:], g.hash[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return grant{}, unauthorized(kindInvalidToken, "The provided token is not valid.")
	}
	g := a.grants[found]
	switch {
	case g.userRevoked:
		return grant{}, unauthorized(kindUserRevoked, "This account has been revoked.")
	case g.tokenRevoked:
		return grant{}, unauthorized(kindTokenRevoked, "Authentication token has been revoked.")
	case !g.expires.IsZero() && !a.now().Before(g.expires):
		return grant{}, unauthorized(kindTokenExpired, "The provided token has expired.")
	}
	return g, nil
}

// allows reports whether an environment may be deployed.
func (g grant) allows(environment string) bool {
	return !g.limited || slices.Contains(g.environments, environment)
}

// refuse is the error of an environment that may not be deployed, nil for any
// other.
func (g grant) refuse(environment string) *codemanager.ErrorObject {
	if g.allows(environment) {
		return nil
	}
	return &codemanager.ErrorObject{
		Kind: kindDenied, Msg: "You are not authorized to deploy Puppet environment '" + environment + "'",
	}
}

// mayDeploy refuses a user without any permission to deploy.
func (g grant) mayDeploy() *problem {
	if !g.limited || len(g.environments) > 0 {
		return nil
	}
	return &problem{status: http.StatusForbidden, kind: kindDenied, msg: "You are not authorized to deploy Puppet environments"}
}

// tokenOf is the token of a request: its header, or the query that the
// documentation allows as well.
func tokenOf(r *http.Request) string {
	if token := r.Header.Get("X-Authentication"); token != "" {
		return token
	}
	return r.URL.Query().Get("token")
}
