package rbac

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// harness is a service with a clock that stands still.
type harness struct {
	t       *testing.T
	handler http.Handler
	tokens  *tokens.Store
	now     time.Time
}

func start(t *testing.T) *harness {
	t.Helper()
	h := &harness{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	log := slog.New(slog.DiscardHandler)
	store, err := tokens.Open("", clock, log)
	if err != nil {
		t.Fatal(err)
	}
	h.tokens = store
	h.handler = Handler(Config{User: "sandbox", Password: "right", Tokens: h.tokens, Now: clock, Log: log})
	return h
}

// ask sends a request, and checks the status. The answer is empty if it is not JSON.
func (h *harness) ask(token, method, path, body string, want int) map[string]any {
	h.t.Helper()
	request := httptest.NewRequestWithContext(h.t.Context(), method, BasePath+path, strings.NewReader(body))
	request.Header.Set("Accept", "application/json")
	if token != "" {
		request.Header.Set("X-Authentication", token)
	}
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, request)
	if recorder.Code != want {
		h.t.Errorf("%s %s %s: HTTP %d %s, want %d", method, path, body, recorder.Code, recorder.Body, want)
	}
	var answer map[string]any
	_ = json.Unmarshal(recorder.Body.Bytes(), &answer) // an empty answer is not JSON
	return answer
}

func (h *harness) logIn(more string) string {
	h.t.Helper()
	token, _ := h.ask("", "POST", "/v1/auth/token", `{"login":"sandbox","password":"right"`+more+`}`, 200)["token"].(string)
	return token
}

// about asks about a token.
func (h *harness) about(token string, want int) map[string]any {
	h.t.Helper()
	return h.ask("", "POST", "/v2/auth/token/authenticate", `{"token":"`+token+`","update_last_activity?":false}`, want)
}

func TestLifeOfAToken(t *testing.T) {
	h := start(t)
	token := h.logIn(`,"lifetime":"2h","label":"ci","description":"d","client":"c"`)
	h.now = h.now.Add(time.Minute)
	about := h.about(token, 200)
	for key, want := range map[string]any{
		"login": "sandbox", "label": "ci", "description": "d", "client": "c", "is_revoked": false,
		"creation": "2026-01-01T00:00:00Z", "expiration": "2026-01-01T02:00:00Z", "last_active": "2026-01-01T00:00:00Z",
	} {
		if about[key] != want {
			t.Errorf("%s is %v, want %v", key, about[key], want)
		}
	}
	if user := h.ask(token, "GET", "/v1/users/current", "", 200); user["login"] != "sandbox" {
		t.Errorf("user %v", user)
	}
	if about := h.about(token, 200); about["last_active"] != "2026-01-01T00:01:00Z" {
		t.Errorf("last used %v", about["last_active"])
	}
	renewed, _ := h.ask(token, "POST", "/v1/tokens", `{}`, 200)["token"].(string)
	if about := h.about(renewed, 200); about["expiration"] != "2026-01-01T01:01:00Z" || about["label"] != nil {
		t.Errorf("renewed %v", about)
	}
	h.ask(renewed, "DELETE", "/v2/tokens", `{"revoke_tokens":["`+renewed+`"]}`, 204)
	if refused := h.about(renewed, 401); refused["kind"] != "puppetlabs.rbac/token-revoked" {
		t.Errorf("revoked %v", refused)
	}
	h.now = h.now.Add(2 * time.Hour)
	if refused := h.about(token, 401); refused["kind"] != "puppetlabs.rbac/token-expired" {
		t.Errorf("expired %v", refused)
	}
	h.ask(token, "POST", "/v1/tokens", `{}`, 401)
}

func TestLifetimes(t *testing.T) {
	h := start(t)
	for lifetime, want := range map[string]string{
		`"1y"`: "2027-01-01T00:00:00Z", `"90m"`: "2026-01-01T01:30:00Z", `"60"`: "2026-01-01T00:01:00Z", `60`: "2026-01-01T00:01:00Z",
		`"0"`: "2035-12-30T00:00:00Z", `"99y"`: "2035-12-30T00:00:00Z",
	} {
		if about := h.about(h.logIn(`,"lifetime":`+lifetime), 200); about["expiration"] != want {
			t.Errorf("%s: until %v, want %s", lifetime, about["expiration"], want)
		}
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	h := start(t)
	h.logIn(`,"label":"taken"`)
	for _, more := range []string{`,"lifetime":"4 weeks"`, `,"label":"a,b"`, `,"label":"` + strings.Repeat("ü", 201) + `"`, `,"label":"taken"`, `,`} {
		body := `{"login":"sandbox","password":"right"` + more + `}`
		if refused := h.ask("", "POST", "/v1/auth/token", body, 400); refused["kind"] != "malformed-request" {
			t.Errorf("%s: %v", more, refused)
		}
	}
	h.logIn(`,"label":"` + strings.Repeat("ü", 200) + `"`)
	h.ask("", "POST", "/v1/tokens", `{}`, 401)
	h.ask("unknown", "GET", "/v1/users/current", ``, 401)
	h.ask("", "GET", "/v1/nosuch", ``, 404)
}

func TestRevocations(t *testing.T) {
	h := start(t)
	first, second, third := h.logIn(`,"label":"first"`), h.logIn(`,"label":"second"`), h.logIn("")
	if refused := h.ask(third, "DELETE", "/v2/tokens/"+third, "", 403); refused["kind"] != "permission-denied" {
		t.Errorf("by its URL: %v", refused)
	}
	for _, body := range []string{``, `{}`, `{"revoke_tokens":[]}`, `{"revoke_tokens":["unknown"]}`, `{"revoke_tokens_by_usernames":["sandbox"]}`} {
		if refused := h.ask(third, "DELETE", "/v2/tokens", body, 400); refused["kind"] != "malformed-token-request" {
			t.Errorf("%s: %v", body, refused)
		}
	}
	h.ask("", "DELETE", "/v2/tokens", `{"revoke_tokens":["`+first+`"]}`, 401)
	h.ask(third, "DELETE", "/v2/tokens", `{"revoke_tokens_by_labels":["first","none",""]}`, 204)
	h.about(first, 401)
	h.about(second, 200)
	for range 2 { // twice is no error
		h.ask(third, "DELETE", "/v2/tokens", `{"revoke_tokens":["`+second+`"]}`, 204)
	}
	h.ask(third, "DELETE", "/v2/tokens", `{"revoke_tokens":["unknown","`+third+`"]}`, 400)
	h.about(second, 401)
	h.about(third, 401)
}

// TestIncompleteLogins: a login without a name or a password is no failed login.
func TestIncompleteLogins(t *testing.T) {
	h := start(t)
	for range maxFailures {
		for _, body := range []string{``, `{"login":"sandbox"}`, `{"login":"sandbox","password":null}`, `{"password":"right"}`} {
			if refused := h.ask("", "POST", "/v1/auth/token", body, 400); refused["kind"] != "schema-violation" {
				t.Errorf("%s: %v", body, refused)
			}
		}
	}
	h.ask(h.logIn(""), "POST", "/v1/tokens", ``, 200)
}

func TestTenRefusedLoginsRevokeTheAccount(t *testing.T) {
	h := start(t)
	token := h.logIn("")
	wrong := `{"login":"sandbox","password":"wrong"}`
	for range maxFailures - 1 {
		h.ask("", "POST", "/v1/auth/token", wrong, 401)
	}
	h.logIn("") // ends the row
	for range maxFailures {
		h.about(token, 200)
		h.ask("", "POST", "/v1/auth/token", `{"login":"nobody","password":"wrong"}`, 401)
		h.ask("", "POST", "/v1/auth/token", wrong, 401)
	}
	refused := h.ask("", "POST", "/v1/auth/token", `{"login":"sandbox","password":"right"}`, 401)
	if refused["kind"] != "puppetlabs.rbac/user-revoked" {
		t.Errorf("revoked %v", refused)
	}
	if refused := h.about(token, 401); refused["kind"] != "puppetlabs.rbac/user-revoked" {
		t.Errorf("its token %v", refused)
	}
}

func TestErrorsAreTextWithoutAcceptJSON(t *testing.T) {
	h := start(t)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, BasePath+"/v1/users/current", nil)
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, request)
	if recorder.Code != 401 || recorder.Body.String() != "Route requires authentication\n" {
		t.Errorf("HTTP %d %q", recorder.Code, recorder.Body)
	}
}
