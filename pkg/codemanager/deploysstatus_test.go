package codemanager_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

const busyStatus = `{
  "deploys-status": {
    "queued": [{"environment": "production", "queued-at": "2024-03-05T10:00:01.250Z", "id": 8, "who": "ann"}],
    "deploying": [{"environment": "production", "queued-at": "2024-03-05T10:00:00.100Z", "id": 7}],
    "new": [],
    "failed": [{"environment": "nope", "queued-at": "2024-03-05T09:30:00.000Z", "id": 2, "error": {"kind": "k", "msg": "m", "details": {"corrected-name": "nope"}}}]
  },
  "file-sync-storage-status": {"deployed": [{"environment": "production", "date": "2024-03-05T09:00:00.000Z", "deploy-signature": "aaa"}]},
  "file-sync-client-status": {
    "all-synced": false,
    "later": {"a": [1]},
    "file-sync-clients": {
      "b.example.com": {"last_check_in_time": null, "synced-with-file-sync-storage": false, "deployed": []},
      "a.example.com": {"last_check_in_time": "2024-03-05T10:00:01.000Z", "synced-with-file-sync-storage": true,
        "deployed": [{"environment": "production", "date": "x", "deploy-signature": "aaa", "more": {}},
                     {"date": null, "deploy-signature": "bbb", "environment": "p\u0072d"}]}
    }
  }
}`

func TestReadDeploysStatus(t *testing.T) {
	for name, body := range map[string]string{
		"object":          busyStatus,
		"in an array":     "[" + busyStatus + "]",
		"compilers first": reordered(t),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := serve(t, answers(200, "application/json", body)).DeploysStatus(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			checkBusy(t, s)
			if got := string(s.Raw); got != strings.Trim(body, "[]") {
				t.Errorf("raw: %s", got)
			}
		})
	}
}

func reordered(t *testing.T) string {
	t.Helper()
	head, tail, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(busyStatus, "{"), "}"), `"file-sync-client-status"`)
	if !ok {
		t.Fatal("the answer has no compilers")
	}
	return `{"file-sync-client-status"` + tail + "," + strings.TrimRight(strings.TrimSpace(head), ",") + "}"
}

func checkBusy(t *testing.T, s *codemanager.DeploysStatus) {
	t.Helper()
	queue := s.Deploys
	if len(queue.Queued) != 1 || queue.Queued[0].ID != "8" || len(queue.Deploying) != 1 || len(queue.New) != 0 {
		t.Errorf("queue: %+v", queue)
	}
	if len(queue.Failed) != 1 || queue.Failed[0].Error.Msg != "m" || queue.Failed[0].Error.CorrectedName() != "nope" {
		t.Errorf("failed: %+v", queue.Failed)
	}
	if staged := s.Storage.Deployed; len(staged) != 1 || staged[0].DeploySignature != "aaa" || s.Clients.AllSynced {
		t.Errorf("staged: %+v", staged)
	}
	var seen []string
	for host, c := range s.Clients.Clients {
		line := fmt.Sprint(host, c.LastCheckIn != nil, c.Synced)
		for _, d := range c.Deployed {
			line += " " + d.Environment + "=" + d.DeploySignature
		}
		seen = append(seen, line)
	}
	slices.Sort(seen)
	if got, want := strings.Join(seen, " "), "a.example.comtrue true production=aaa prd=bbb b.example.comfalse false"; got != want {
		t.Errorf("compilers: %s, want %s", got, want)
	}
}

func TestReadDeploysStatusRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                           "expected a JSON object, got null",
		`[]`:                             "expected one JSON object, got an array with 0 elements",
		`[{},{}]`:                        "expected one JSON object, got an array with 2 elements",
		`{} 1`:                           "invalid JSON at byte 3",
		`{"deploys-status":[]}`:          "unexpected value at /deploys-status: an array",
		`{"deploys-status":{"new":{}}}`:  "unexpected value at /deploys-status/new: an object",
		`{"deploys-status":{"new":[1]}}`: "unexpected value at /deploys-status/new/0: a number",
		`{"deploys-status":`:             "cut off",
		`{"file-sync-client-status":{"file-sync-clients":{"h":{"deployed":[{"environment":1}]}}}}`: "unexpected value at /file-sync-client-status/file-sync-clients/h/deployed/0/environment: a number",
	} {
		client := serve(t, answers(200, "application/json", text))
		_, err := client.DeploysStatus(t.Context())
		if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error lacks %q: %T %v", text, want, err, err)
		}
	}
}

// An error object with status 200 is an error, and a status with a key of such an object is a status.
func TestErrorObjectsInsteadOfAStatus(t *testing.T) {
	for _, text := range []string{`{"kind":"k","msg":"it broke"}`, "{\n  \"msg\": \"it broke\"}", `{"details":{},"msg":"it broke"}`} {
		_, err := serve(t, answers(200, "application/json", text)).DeploysStatus(t.Context())
		if api, ok := errors.AsType[*codemanager.APIError](err); !ok || api.Error() != "[GET /deploys/status][200] it broke" {
			t.Errorf("%s: %T %v", text, err, err)
		}
	}
	const status = `{"details":1,"msg":"slow","deploys-status":{"new":[{"environment":"a"}]}}`
	if got, err := serve(t, answers(200, "application/json", status)).DeploysStatus(t.Context()); err != nil || len(got.Deploys.New) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	_, err := serve(t, answers(200, "application/json", `{"msg":"it`)).DeploysStatus(t.Context())
	if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("half of one: %T %v", err, err)
	}
}

// A list that is missing or null is nil, an empty one is not: following can tell an idle server from
// an answer without that part.
func TestMissingPartsAreNil(t *testing.T) {
	nothing, err := serve(t, answers(200, "application/json", `{"deploys-status":{"new":null},"file-sync-storage-status":null}`)).DeploysStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q := nothing.Deploys
	if q.New != nil || q.Queued != nil || q.Deploying != nil || q.Failed != nil || nothing.Storage.Deployed != nil || nothing.Clients.Clients != nil {
		t.Errorf("%+v", nothing)
	}
	idle, err := serve(t, answers(200, "application/json", `{"deploys-status":{"new":[],"queued":[],"deploying":[],"failed":[]},`+
		`"file-sync-storage-status":{"deployed":[]},"file-sync-client-status":{"file-sync-clients":{}}}`)).DeploysStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q = idle.Deploys
	if q.New == nil || q.Queued == nil || q.Deploying == nil || q.Failed == nil || idle.Storage.Deployed == nil || idle.Clients.Clients == nil {
		t.Errorf("%+v", idle)
	}
}

func TestServersClock(t *testing.T) {
	client := serve(t, answersAt("Wed, 09 Jul 2031 10:00:00 GMT", `{}`))
	got, err := client.DeploysStatus(t.Context())
	if err != nil || codemanager.NewTimestamp(got.Date) != "2031-07-09T10:00:00.000Z" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := serve(t, answersAt("soon", `{}`)).DeploysStatus(t.Context()); err != nil || !got.Date.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
}
