package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
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
