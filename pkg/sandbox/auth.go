package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// authenticator knows the tokens that are accepted. It holds no token, only
// hashes.
type authenticator struct {
	grants []grant
}

// grant is what one token allows. So far all allow the same.
type grant struct {
	hash [sha256.Size]byte
	// user is who the token was made for, for the log.
	user string
}

func newAuthenticator(user, token string) *authenticator {
	return &authenticator{grants: []grant{{hash: sha256.Sum256([]byte(token)), user: user}}}
}

// authenticate finds the grant of a token. It takes as long for a wrong token
// as for a right one: hashes have one length, and all are compared.
func (a *authenticator) authenticate(token string) (grant, *problem) {
	if token == "" {
		return grant{}, &problem{
			status: http.StatusUnauthorized,
			kind:   "puppetlabs.rbac/user-unauthenticated",
			msg:    "Route requires authentication",
		}
	}
	hash := sha256.Sum256([]byte(token))
	found := -1
	for i, g := range a.grants {
		if subtle.ConstantTimeCompare(hash[:], g.hash[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return grant{}, &problem{
			status: http.StatusUnauthorized,
			kind:   "puppetlabs.rbac/invalid-token",
			msg:    "The provided token is not valid.",
		}
	}
	return a.grants[found], nil
}

// tokenOf is the token of a request: its header, or the query that the
// documentation allows as well.
func tokenOf(r *http.Request) string {
	if token := r.Header.Get("X-Authentication"); token != "" {
		return token
	}
	return r.URL.Query().Get("token")
}
