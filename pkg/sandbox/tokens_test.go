package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// severalTokens is a file of tokens of every kind; two of them expire an hour
// after and before this moment.
func severalTokens(now time.Time) string {
	return fmt.Sprintf(`{"tokens": [
	{"token": "all", "user": "admin"},
	{"token": "some", "user": "ci", "environments": ["testing", "gone"]},
	{"token": "none", "user": "reader", "environments": []},
	{"token": "later", "user": "ci", "expires": %q},
	{"token": "past", "user": "ci", "expires": %q},
	{"token": "revoked", "user": "ci", "revoked": true},
	{"token": "left", "user": "former", "user-revoked": true}
]}`, now.Add(time.Hour).Format(time.RFC3339), now.Add(-time.Hour).Format(time.RFC3339))
}

// with is the harness with another token.
func (h *harness) with(token string) *harness {
	other := *h
	other.token = token
	return &other
}

func startWithTokens(t *testing.T, options Options) *harness {
	t.Helper()
	options.Tokens = writeFile(t, severalTokens(time.Now()))
	return start(t, options)
}

func TestInvalidTokensGet401(t *testing.T) {
	h := startWithTokens(t, Options{})
	for token, want := range map[string][2]string{
		"":        {api.KindUnauthenticated, "Route requires authentication"},
		"unknown": {api.KindInvalidToken, "The provided token is not valid."},
		"past":    {api.KindTokenExpired, "The provided token has expired."},
		"revoked": {api.KindTokenRevoked, "Authentication token has been revoked."},
		"left":    {api.KindUserRevoked, "This account has been revoked."},
	} {
		for target, body := range map[string]string{"POST /v1/deploys": `{"dry_run": true}`, "GET /v1/deploys/status": ""} {
			method, path, _ := strings.Cut(target, " ")
			got := h.refused(h.with(token).request(t.Context(), method, path, body), http.StatusUnauthorized, want[0])
			if got.Msg != want[1] {
				t.Errorf("%s: %q, want %q", token, got.Msg, want[1])
			}
		}
	}
	for _, token := range []string{"all", "some", "none", "later", h.token} {
		h.with(token).deploysStatus()
	}
	for _, body := range []string{`{"deploy-all": true}`, `{"dry_run": true}`, `{"environments": ["testing"]}`, `nonsense`} {
		h.refused(h.with("none").request(t.Context(), http.MethodPost, "/v1/deploys", body), http.StatusForbidden, api.KindDenied)
	}
}

func TestPermissionsForEnvironments(t *testing.T) {
	h := startWithTokens(t, Options{Compilers: NoCompilers})
	ci := h.with("some")
	check := func(got map[string]deployment, allowed ...string) {
		t.Helper()
		for name, d := range got {
			if slices.Contains(allowed, name) {
				if d.Status == failed || d.Error != nil {
					t.Errorf("%s: %+v", name, d)
				}
				continue
			}
			want := "You are not authorized to deploy Puppet environment '" + name + "'"
			if d.Status != failed || d.Error == nil || d.Error.Msg != want || d.Error.Kind != api.KindDenied || d.ID == nil {
				t.Errorf("%s: %+v", name, d)
			}
		}
	}
	check(ci.deploy(`{"environments": ["production", "testing"], "wait": true}`), "testing")
	check(ci.deploy(`{"environments": ["production", "testing"]}`), "testing")
	check(ci.deploy(`{"deploy-all": true, "wait": true}`), "testing")
	if got := names(t, h.environments()); !slices.Equal(got, []string{"testing"}) {
		t.Errorf("live %v, want testing alone", got)
	}
	if failed := h.deploysStatus().Deploys.Failed; len(failed) == 0 || failed[0].Error == nil {
		t.Errorf("failed %+v", failed)
	}
	for name, d := range ci.deploy(`{"dry_run": true}`) {
		if refused := d.Error != nil; refused != (name != "testing") || d.ID != nil || d.Status != "" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for _, token := range []string{"all", "later", h.token} {
		check(h.with(token).deploy(`{"environments": ["production"], "wait": true}`), "production")
	}
}

// TestPurgeIgnoresPermissions: r10k removes what has no branch, whoever deploys.
// A deployment that is refused removes nothing.
func TestPurgeIgnoresPermissions(t *testing.T) {
	repo := gittest.New(t)
	for _, branch := range []string{"testing", "theirs"} {
		repo.Commit(t, branch, gittest.Files{"a": "a"})
	}
	h := startWithTokens(t, Options{ControlRepo: repo.Path, Compilers: NoCompilers})
	h.deploy(`{"deploy-all": true, "wait": true}`)
	repo.Delete(t, "theirs")
	h.with("some").deploy(`{"environments": ["theirs"], "wait": true}`)
	if got := names(t, h.environments()); !slices.Equal(got, []string{"testing", "theirs"}) {
		t.Errorf("live %v", got)
	}
	h.with("some").deploy(`{"environments": ["testing"], "wait": true}`)
	if got := names(t, h.environments()); !slices.Equal(got, []string{"testing"}) {
		t.Errorf("live %v", got)
	}
}

// TestSandboxTokenInTheTokensFile: the token that clients are given can be a limited one.
func TestSandboxTokenInTheTokensFile(t *testing.T) {
	h := startWithTokens(t, Options{TokenFile: writeFile(t, "none\n")})
	h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", `{"deploy-all": true}`), http.StatusForbidden, api.KindDenied)
}
