package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
)

func TestInvalidRequests(t *testing.T) {
	h := start(t, Options{})
	for body, want := range map[string]string{
		``:                               "is empty",
		"  \n":                           "is empty",
		`{`:                              "not valid JSON",
		`nonsense`:                       "not valid JSON",
		`{"environments": ["a"`:          "not valid JSON",
		"{\"environments\": [\"\xff\"]}": "not valid JSON",
		`[]`:                             "must be a JSON object",
		`"production"`:                   "must be a JSON object",
		`null`:                           "must be a JSON object",
		`{} {}`:                          "after top-level value",
		`{"wait": true, "wait": false}`:  "duplicate",
		`{}`:                             "nothing to deploy",
		`{"wait": true}`:                 "nothing to deploy",
		`{"deploy-all": false}`:          "nothing to deploy",
		`{"environments": []}`:           `"environments" is empty`,
		`{"environments": null}`:         "nothing to deploy",
		`{"dry_run": null}`:              "nothing to deploy",
		`{"environments": "production"}`: `"environments" in the request body must be an array of strings`,
		`{"environments": [1]}`:          `"environments/0" in the request body must be a string`,
		`{"environments": ["a", null]}`:  `"environments/1" in the request body must be a string`,
		`{"environments": {}}`:           "must be an array of strings",
		`{"deploy-all": "true"}`:         `"deploy-all" in the request body must be true or false`,
		`{"environments": ["a"], "wait": "true"}`: `"wait" in the request body must be true or false`,
		`{"deploy-all": true, "wait": 1}`:         `"wait" in the request body must be true or false`,
		`{"dry-run": "yes"}`:                      `"dry-run" in the request body must be true or false`,
		`{"deploy-all": true, "modules": true}`:   `"modules" in the request body must be an array of strings`,
		`{"deploy-all": true, "modules": [[]]}`:   `"modules/0" in the request body must be a string`,
		`{"deploy-all":true,"deploy-modules":1}`:  `"deploy-modules" in the request body must be true or false`,
		`{"x": ` + strings.Repeat("[", 100_000):   "not valid JSON",
		strings.Repeat("[", 100_000):              "must be a JSON object",
	} {
		got := h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", body), http.StatusBadRequest, api.KindInvalidRequest)
		if !strings.Contains(got.Msg, want) {
			t.Errorf("%.60s: %q, want %q", body, got.Msg, want)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	h := start(t, Options{})
	body := `{"dry_run": true, "x": "` + strings.Repeat("x", 1<<20) + `"}`
	h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", body),
		http.StatusRequestEntityTooLarge, api.KindRequestTooLarge)
}

func TestDryRun(t *testing.T) {
	h := start(t, Options{})
	want := `[{"environment":"development"},{"environment":"feature_with_slash"},{"environment":"production"},{"environment":"testing"}]` + "\n"
	for _, body := range []string{
		`{"dry_run": true}`, `{"dry-run": true}`, `{"deploy-all": true, "wait": true, "dry_run": true}`,
		`{"environments": ["production"], "dry-run": true}`, `{"dry_run": true, "of-the-future": [1]}`,
	} {
		status, got := h.do(h.request(t.Context(), http.MethodPost, "/v1/deploys", body))
		if status != http.StatusOK || got != want {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
	if got := names(t, h.environments()); len(got) != 0 {
		t.Errorf("a dry run deployed %v", got)
	}
}

func TestOneDeploymentForEachName(t *testing.T) {
	h := start(t, Options{})
	got := call[[]deployment](h, http.MethodPost, "/v1/deploys",
		`{"environments": ["testing", "production", "testing"], "deploy-modules": false, "modules": ["stdlib"]}`)
	if len(got) != 2 || got[0].Environment != "testing" || *got[0].ID != 1 || *got[1].ID != 2 ||
		got[0].Status != queued || got[1].Status != queued {
		t.Errorf("deployments %+v", got)
	}
}

func TestStatusNeedsNoToken(t *testing.T) {
	h := start(t, Options{})
	want := `{"state":"running","status":{"file_sync":"enabled","services":{"file-sync-storage":"running"}},"alerts":[],"detail_level":"info"}` + "\n"
	for _, query := range []string{"", "?level=info"} {
		request := h.request(t.Context(), http.MethodGet, "/v1/status"+query, "")
		request.Header.Del("X-Authentication")
		if status, got := h.do(request); status != http.StatusOK || got != want {
			t.Errorf("%q: %d %s", query, status, got)
		}
	}
	for _, level := range []string{"critical", "debug", "INFO"} {
		h.refused(h.request(t.Context(), http.MethodGet, "/v1/status?level="+level, ""), http.StatusBadRequest, api.KindInvalidRequest)
	}
}

func TestWrongPathsAndMethods(t *testing.T) {
	h := start(t, Options{})
	for _, path := range []string{"", "/", "/v1", "/v1/deploy", "/v2/deploys", "/v1/deploys/1", "/v1/../v1/x"} {
		h.refused(h.request(t.Context(), http.MethodGet, path, ""), http.StatusNotFound, api.KindNotFound)
	}
	for target, allow := range map[string]string{
		"GET /v1/deploys": "POST", "PUT /v1/deploys": "POST", "POST /v1/deploys/status": "GET", "DELETE /v1/status": "GET",
	} {
		method, path, _ := strings.Cut(target, " ")
		h.refused(h.request(t.Context(), method, path, ""), http.StatusMethodNotAllowed, api.KindMethodNotAllowed)
		response, err := h.client.Do(h.request(t.Context(), method, path, ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := response.Header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow: %s, want %s", target, got, allow)
		}
		_ = response.Body.Close()
	}
}

func TestTokensAreNeverLogged(t *testing.T) {
	h := start(t, Options{})
	const wrong = "a-wrong-token-of-somebody"
	paths := []string{"/v1/deploys", "/v1/deploys/status", "/v1/status", "/v1/nothing"}
	for _, path := range paths {
		for _, token := range []string{h.token, wrong} {
			for _, query := range []string{"?token=" + token, "?id=1;token=" + token, "?level=" + token, "?id=" + token} {
				request := h.request(t.Context(), http.MethodPost, path+query, `{"environments": ["nope"], "wait": true}`)
				h.do(request)
				request = h.request(t.Context(), http.MethodGet, path+query, "")
				request.Header.Set("X-Authentication", token)
				h.do(request)
			}
		}
	}
	log := h.log.String()
	if strings.Contains(log, h.token) || strings.Contains(log, wrong) {
		t.Error("a token is in the log")
	}
	if lines := strings.Count(log, "msg=request"); lines != 2*2*4*len(paths) {
		t.Errorf("%d requests in the log", lines)
	}
}

func TestLogsAreOfBoundedLength(t *testing.T) {
	h := start(t, Options{})
	h.deploy(fmt.Sprintf(`{"environments": [%q], "wait": true}`, strings.Repeat("x", 50_000)))
	longest := slices.MaxFunc(strings.Split(h.log.String(), "\n"), func(a, b string) int { return len(a) - len(b) })
	if len(longest) > 1000 {
		t.Errorf("a line of %d bytes: %.300s", len(longest), longest)
	}
}
