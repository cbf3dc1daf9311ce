package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// push is a request as a Git host makes it: the token is in the query.
func (h *harness) push(query, body string) *http.Request {
	h.t.Helper()
	request := h.request(h.t.Context(), http.MethodPost, "/v1/webhook?"+query+"&token="+url.QueryEscape(h.token), body)
	request.Header.Del("X-Authentication")
	return request
}

// pushed sends a push event and returns the environments that deploy.
func (h *harness) pushed(query, body string) []string {
	h.t.Helper()
	status, text := h.do(h.push(query, body))
	var list []deployment
	if err := unmarshal([]byte(text), &list); err != nil || status != http.StatusOK {
		h.t.Fatalf("%s: %d %s, %v", query, status, text, err)
	}
	found := []string{}
	for _, d := range list {
		found = append(found, d.Environment)
		if d.Status != queued || d.ID == nil {
			h.t.Errorf("%+v", d)
		}
	}
	return found
}

// event reads a push event as GitHub or GitLab sends it, with another branch.
func event(t *testing.T, host, branch string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "webhook", host+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "refs/heads/BRANCH", "refs/heads/"+branch)
}

func TestWebhookDeploysThePushedBranch(t *testing.T) {
	for _, host := range []string{"github", "gitlab"} {
		repo := gittest.New(t)
		repo.Commit(t, "production", gittest.Files{"a": "1"})
		h := start(t, Options{ControlRepo: repo.Path})
		want := repo.Commit(t, "feature/x", gittest.Files{"a": "1"})
		if got := h.pushed("type="+host, event(t, host, "feature/x")); !slices.Equal(got, []string{"feature_x"}) {
			t.Fatalf("%s: deploys %v", host, got)
		}
		eventually(t, "it is live everywhere", func() bool {
			status := h.deploysStatus()
			return status.Clients.AllSynced && len(status.Storage.Deployed) == 1 && status.Storage.Deployed[0].DeploySignature == want
		})
		repo.Delete(t, "feature/x")
		h.pushed("type="+host, event(t, host+"-deleted", "feature/x"))
		eventually(t, "it is gone everywhere", func() bool {
			status := h.deploysStatus()
			return status.Clients.AllSynced && len(status.Storage.Deployed) == 0 && len(status.Deploys.Failed) == 1
		})
		if got := names(t, h.environments()); len(got) != 0 {
			t.Errorf("live are %v", got)
		}
	}
}

func TestWebhookNames(t *testing.T) {
	h := start(t, Options{})
	for query, want := range map[string]string{
		"type=github":               "gr_n_x",
		"type=github&prefix=":       "gr_n_x",
		"type=github&prefix=puppet": "puppet_gr_n_x",
	} {
		if got := h.pushed(query, `{"ref": "refs/heads/grün/x", "after": "1", "commits": [{"message": "\ud800", "message": "again"}]}`); !slices.Equal(got, []string{want}) {
			t.Errorf("%s deploys %v, want %s", query, got, want)
		}
	}
	// Requests that deploy nothing are valid: events that carry no pushed branch, or may not.
	for _, body := range []string{
		`{"zen": "Half measures", "hook_id": 1}`, `{"ref": "refs/tags/1.0", "after": "1"}`, `{"object_kind": "tag_push", "ref": "refs/tags/1.0", "after": "1"}`,
		`{"object_kind": "build", "ref": "refs/heads/production", "after": "1"}`, `{"ref": "refs/heads/production"}`, `{}`,
	} {
		if got := h.pushed("type=gitlab", body); len(got) != 0 {
			t.Errorf("%s deploys %v", body, got)
		}
	}
	for event, want := range map[string]int{"push": 1, "create": 0, "workflow_dispatch": 0} {
		request := h.push("type=github", `{"ref": "refs/heads/production", "after": "1"}`)
		request.Header.Set("X-GitHub-Event", event)
		if _, got := h.do(request); strings.Count(got, "production") != want {
			t.Errorf("%s: %s", event, got)
		}
	}
}

func TestWebhooksThatAreRefused(t *testing.T) {
	h := start(t, Options{})
	body := `{"ref": "refs/heads/production", "after": "1"}`
	for _, kind := range []string{"", "github2", "GitHub"} {
		h.refused(h.push("type="+kind, body), http.StatusBadRequest, api.KindWebhookType)
	}
	for _, kind := range []string{"bitbucket", "bitbucket-server", "tfs-git", "azure"} {
		if got := h.refused(h.push("type="+kind, body), http.StatusNotImplemented, api.KindInvalidRequest); !strings.Contains(got.Msg, "only github and gitlab") {
			t.Errorf("%s: %s", kind, got.Msg)
		}
	}
	for _, text := range []string{"", "payload=%7B%7D", "[]", `{"ref": 1}`} {
		h.refused(h.push("type=github", text), http.StatusBadRequest, api.KindInvalidRequest)
	}
	h.refused(h.with("wrong").push("type=github", body), http.StatusUnauthorized, tokens.ErrUnknown.Kind)
	if large := fmt.Sprintf(`{"x": %q, "ref": "refs/heads/testing", "after": "1"}`, strings.Repeat("x", 2<<20)); len(h.pushed("type=github", large)) != 1 {
		t.Error("a push of many commits deploys nothing")
	}
}
