// Package rbac answers like the token service of Puppet's console: it issues, describes and revokes
// the tokens of one user.
package rbac

import (
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// BasePath is the path of the service.
const BasePath = "/rbac-api"

// maxFailures is how many refused logins in a row revoke the account.
const maxFailures = 10

// maxBody is the maximum size of a request, in bytes.
const maxBody = 1 << 20

// Config is the configuration of the service.
type Config struct {
	// User is the name of the only user, who has this Password.
	User, Password string
	// Tokens is shared with Code Manager, which accepts the tokens issued here.
	Tokens *tokens.Store
	Now    func() time.Time
	Log    *slog.Logger
}

// service is the state: refused logins in a row, and whether the account is revoked.
type service struct {
	Config

	mu       sync.Mutex
	failures int
}

// Handler answers requests below BasePath.
func Handler(config Config) http.Handler {
	s := &service{Config: config}
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*http.Request) (int, any, *problem){
		"POST /v1/auth/token":              s.logIn,
		"POST /v1/tokens":                  s.newToken,
		"POST /v2/auth/token/authenticate": s.authenticate,
		"GET /v1/users/current":            s.currentUser,
		"DELETE /v2/tokens":                s.revoke,
		"DELETE /v2/tokens/{token}":        s.revokeByPath,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+BasePath+path, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			status, value, failed := answer(r)
			if failed != nil {
				status = failed.status
				failed.write(w, r)
			} else {
				writeJSON(w, status, value)
			}
			s.Log.Info("token service", "method", r.Method, "path", BasePath+path, "status", status)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&problem{http.StatusNotFound, "not-found", "Not Found"}).write(w, r)
	})
	return mux
}

// problem is the answer to a request that fails.
type problem struct {
	status    int
	kind, msg string
}

func malformed(msg string) *problem {
	return &problem{http.StatusBadRequest, "malformed-request", msg}
}

func schemaViolation(key string) *problem {
	return &problem{http.StatusBadRequest, "schema-violation", "The object you submitted lacks the key " + key + "."}
}

// write answers with an error object to a client that accepts JSON, else with text.
func (p *problem) write(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "application/json") {
		http.Error(w, p.msg, p.status)
		return
	}
	writeJSON(w, p.status, map[string]any{"kind": p.kind, "msg": p.msg, "details": nil})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	if value == nil {
		w.WriteHeader(status)
		return
	}
	text, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		http.Error(w, "the answer could not be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that does not read the answer is no error
}

// logIn is POST /v1/auth/token.
func (s *service) logIn(r *http.Request) (int, any, *problem) {
	var request struct {
		Login    *string `json:"login"`
		Password *string `json:"password"`
		wishes
	}
	if failed := decode(r, &request); failed != nil {
		return 0, nil, failed
	}
	switch {
	case request.Login == nil:
		return 0, nil, schemaViolation("login")
	case request.Password == nil:
		return 0, nil, schemaViolation("password")
	}
	if failed := s.checkPassword(*request.Login, *request.Password); failed != nil {
		return 0, nil, failed
	}
	return s.issue(tokens.Token{User: s.User}, request.wishes)
}

// checkPassword counts refused logins.
func (s *service) checkPassword(login, password string) *problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures >= maxFailures {
		return refused(tokens.ErrUserRevoked)
	}
	right := subtle.ConstantTimeCompare([]byte(password), []byte(s.Password)) == 1
	if login == s.User && right {
		s.failures = 0
		return nil
	}
	if login == s.User {
		s.failures++
	}
	if s.failures == maxFailures {
		s.Tokens.RevokeUser(s.User)
	}
	return &problem{http.StatusUnauthorized, tokens.ErrMissing.Kind, "The login and password combination you entered is invalid."}
}

// newToken is POST /v1/tokens.
func (s *service) newToken(r *http.Request) (int, any, *problem) {
	token, failed := s.tokenOf(r)
	if failed != nil {
		return 0, nil, failed
	}
	var request wishes
	if failed := decode(r, &request); failed != nil {
		return 0, nil, failed
	}
	return s.issue(tokens.Token{User: token.User}, request)
}

// authenticate is POST /v2/auth/token/authenticate.
func (s *service) authenticate(r *http.Request) (int, any, *problem) {
	request := struct {
		Token  string `json:"token"`
		Update bool   `json:"update_last_activity?"`
	}{Update: true}
	if failed := decode(r, &request); failed != nil {
		return 0, nil, failed
	}
	look := s.Tokens.Peek
	if request.Update {
		look = s.Tokens.Lookup
	}
	token, err := look(request.Token)
	if err != nil {
		return 0, nil, refused(err)
	}
	object := userObject(token.User)
	for key, at := range map[string]time.Time{"creation": token.Made, "expiration": token.Expires, "last_active": token.LastActive} {
		object[key] = timestamp(at)
	}
	for key, text := range map[string]string{"label": token.Label, "description": token.Description, "client": token.Client} {
		object[key] = nullable(text)
	}
	object["is_revoked"], object["timeout"] = false, nil
	return http.StatusOK, object, nil
}

// currentUser is GET /v1/users/current.
func (s *service) currentUser(r *http.Request) (int, any, *problem) {
	token, failed := s.tokenOf(r)
	if failed != nil {
		return 0, nil, failed
	}
	return http.StatusOK, userObject(token.User), nil
}

// tokenOf is the token of a request.
func (s *service) tokenOf(r *http.Request) (tokens.Token, *problem) {
	token, err := s.Tokens.Lookup(r.Header.Get("X-Authentication"))
	return token, refused(err)
}

// refused is the problem of a token that is not accepted, nil for one that is.
func refused(err error) *problem {
	if refusal := (*tokens.Refusal)(nil); errors.As(err, &refusal) {
		return &problem{http.StatusUnauthorized, refusal.Kind, refusal.Msg}
	}
	return nil
}
