package codemanager_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
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
	for name, in := range map[string]io.Reader{
		"object":             strings.NewReader(busyStatus),
		"in an array":        strings.NewReader("[" + busyStatus + "]"),
		"compilers first":    strings.NewReader(reordered(t)),
		"one byte at a time": iotest.OneByteReader(strings.NewReader(busyStatus)),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := codemanager.ReadDeploysStatus(in)
			if err != nil {
				t.Fatal(err)
			}
			checkBusy(t, s)
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

// In memory, short elements are many times larger than their text.
func TestReadDeploysStatusLimitsElements(t *testing.T) {
	testneeds.Time(t)
	for _, path := range []string{
		`{"deploys-status":{"failed":[`,
		`{"file-sync-storage-status":{"deployed":[`,
		`{"file-sync-client-status":{"file-sync-clients":{"c":{"deployed":[`,
	} {
		in := &endless{begin: path + `{}`, text: `,{}`}
		_, err := codemanager.ReadDeploysStatus(in)
		if err == nil || !strings.Contains(err.Error(), "more than 500,000 elements") || in.count > 2<<20 {
			t.Errorf("%s: after %d bytes: %v", path, in.count, err)
		}
	}
	var compilers strings.Builder
	compilers.WriteString(`{"file-sync-client-status":{"file-sync-clients":{"":{}`)
	for i := range 500_000 {
		fmt.Fprintf(&compilers, `,"%x":{}`, i)
	}
	if _, err := codemanager.ReadDeploysStatus(strings.NewReader(compilers.String())); err == nil || !strings.Contains(err.Error(), "more than 500,000 elements") {
		t.Errorf("compilers: %v", err)
	}
}

func TestReadDeploysStatusRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                           "expected a JSON object, got null",
		`[]`:                             "expected a JSON object, got an empty array",
		`[{},{}]`:                        "expected one JSON object, got an array with several elements",
		`{} 1`:                           "more text follows the JSON",
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

// An error object with status 200 is an error, and a status with a key of such an object is a
// status, both parsed and as JSON.
func TestErrorObjectsInsteadOfAStatus(t *testing.T) {
	for _, text := range []string{`{"kind":"k","msg":"it broke"}`, "{\n  \"msg\": \"it broke\"}", `{"details":{},"msg":"it broke"}`} {
		client := serve(t, answers(200, "application/json", text))
		_, err := client.DeploysStatus(t.Context())
		_, rawErr := client.RawDeploysStatus(t.Context(), "7")
		for _, err := range []error{err, rawErr} {
			if api, ok := errors.AsType[*codemanager.APIError](err); !ok || api.Error() != "[GET /deploys/status][200] it broke" {
				t.Errorf("%s: %T %v", text, err, err)
			}
		}
	}
	const status = `{"details":1,"deploys-status":{"new":[{"environment":"a"}]}}`
	client := serve(t, answers(200, "application/json", status))
	if got, err := client.DeploysStatus(t.Context()); err != nil || len(got.Deploys.New) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if raw, err := readRaw(t, client); err != nil || raw != status {
		t.Errorf("%s %v", raw, err)
	}
	_, err := serve(t, answers(200, "application/json", `{"msg":"it`)).DeploysStatus(t.Context())
	if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("half of one: %T %v", err, err)
	}
}

func readRaw(t *testing.T, client *codemanager.Client) (string, error) {
	t.Helper()
	body, err := client.RawDeploysStatus(t.Context(), "")
	if err != nil {
		return "", err
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	return string(raw), err
}

func TestRawDeploysStatusHasTheSameErrors(t *testing.T) {
	asked := make(chan string, 2)
	client := serve(t, recordURL(asked, answers(200, "application/json", busyStatus)))
	if raw, err := readRaw(t, client); err != nil || raw != busyStatus {
		t.Errorf("%s %v", raw, err)
	}
	body, err := client.RawDeploysStatus(t.Context(), "7")
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
	if all, one := <-asked, <-asked; all != "/code-manager/v1/deploys/status" || one != all+"?id=7" {
		t.Errorf("%s, %s", all, one)
	}
}

// Errors of reading have the same types as errors of the request.
func TestRawDeploysStatusThatBreaksOff(t *testing.T) {
	testneeds.Time(t)
	client := serve(t, breaksOff(busyStatus))
	raw, err := readRaw(t, client)
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || !broken.Sent || raw != busyStatus {
		t.Errorf("%T %v", err, err)
	}
	endless := serve(t, writesForEver(" "))
	_, err = readRaw(t, endless)
	if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Errorf("%T %v", err, err)
	}
}

func TestEmptyListsMayBeNull(t *testing.T) {
	s, err := codemanager.ReadDeploysStatus(strings.NewReader(`{"deploys-status":{"new":null,"queued":null},"file-sync-storage-status":{"deployed":null}}`))
	if err != nil || len(s.Deploys.New)+len(s.Deploys.Queued)+len(s.Storage.Deployed) > 0 {
		t.Errorf("%+v %v", s, err)
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
