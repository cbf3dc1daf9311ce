package sandbox

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// with is the harness with another token.
func (h *harness) with(token string) *harness {
	other := *h
	other.token = token
	return &other
}

func TestInvalidTokensGet401(t *testing.T) {
	h := start(t, Options{})
	store := h.service.tokens
	past, revoked, left := store.Issue(tokens.Token{Expires: time.Now()}), store.Issue(tokens.Token{}), store.Issue(tokens.Token{User: "former"})
	store.Revoke(revoked)
	store.RevokeUser("former")
	for token, want := range map[string]*tokens.Refusal{
		"": tokens.ErrMissing, "unknown": tokens.ErrUnknown, past: tokens.ErrExpired, revoked: tokens.ErrRevoked, left: tokens.ErrUserRevoked,
	} {
		for target, body := range map[string]string{"POST /v1/deploys": `{"dry_run": true}`, "GET /v1/deploys/status": ""} {
			method, path, _ := strings.Cut(target, " ")
			got := h.refused(h.with(token).request(t.Context(), method, path, body), http.StatusUnauthorized, want.Kind)
			if got.Msg != want.Msg {
				t.Errorf("%s: %q, want %q", token, got.Msg, want.Msg)
			}
		}
	}
}

func TestDenyDeploy(t *testing.T) {
	h := start(t, Options{DenyDeploy: true})
	for _, body := range []string{`{"deploy-all": true}`, `{"dry_run": true}`, `{"environments": ["testing"]}`, `nonsense`} {
		h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", body), http.StatusForbidden, api.KindDenied)
	}
	h.refused(h.push("type=github", `{"ref": "refs/heads/production", "after": "1"}`), http.StatusForbidden, api.KindDenied)
	h.deploysStatus()
}

// TestRestartKeepsClientsWorking: with a folder and fixed addresses, a client needs nothing new.
func TestRestartKeepsClientsWorking(t *testing.T) {
	options := Options{Dir: filepath.Join(t.TempDir(), "kept")}
	first := start(t, options)
	issued, revoked := first.service.tokens.Issue(tokens.Token{User: UserName}), first.service.tokens.Issue(tokens.Token{})
	first.service.tokens.Revoke(revoked)
	port := func(url string) string {
		host, _, _ := strings.Cut(strings.TrimPrefix(url, "https://localhost"), "/")
		return "127.0.0.1" + host
	}
	options.Listen, options.RBACListen = port(first.URL()), port(first.RBACURL())
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, options)
	if second.URL() != first.URL() || second.RBACURL() != first.RBACURL() || second.CAURL() != first.CAURL() {
		t.Errorf("%s, %s and %s have changed", first.URL(), first.RBACURL(), first.CAURL())
	}
	second.client = first.client // knows the authority of the first
	for _, token := range []string{first.token, issued} {
		second.with(token).deploysStatus()
	}
	second.refused(second.with(revoked).request(t.Context(), http.MethodGet, "/v1/deploys/status", ""), http.StatusUnauthorized, tokens.ErrRevoked.Kind)
	for path, want := range map[string]string{"ca.pem": first.CACertFile(), "token": first.TokenFile()} {
		if got := filepath.Join(options.Dir, path); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := gittest.Tree(t, options.Dir)["tokens.json"]; strings.Contains(got, issued) || strings.Contains(got, first.token) {
		t.Error("a token is in the file")
	}
}
