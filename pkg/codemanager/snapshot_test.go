package codemanager_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

const busyAnswer = `{
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

func TestReadSnapshot(t *testing.T) {
	for name, text := range map[string]string{
		"object":             busyAnswer,
		"in an array":        "[" + busyAnswer + "]",
		"compilers first":    reordered(t),
		"one byte at a time": busyAnswer,
	} {
		t.Run(name, func(t *testing.T) {
			var in io.Reader = strings.NewReader(text)
			if strings.HasPrefix(name, "one") {
				in = iotestOneByte{in}
			}
			s, err := codemanager.ReadSnapshot(in)
			if err != nil {
				t.Fatal(err)
			}
			checkBusy(t, s)
		})
	}
}

func reordered(t *testing.T) string {
	t.Helper()
	head, tail, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(busyAnswer, "{"), "}"), `"file-sync-client-status"`)
	if !ok {
		t.Fatal("the answer has no compilers")
	}
	return `{"file-sync-client-status"` + tail + "," + strings.TrimRight(strings.TrimSpace(head), ",") + "}"
}

type iotestOneByte struct{ in io.Reader }

func (o iotestOneByte) Read(p []byte) (int, error) { return o.in.Read(p[:1]) }

func checkBusy(t *testing.T, s *codemanager.Snapshot) {
	t.Helper()
	if len(s.Queued) != 1 || *s.Queued[0].ID != 8 || len(s.Deploying) != 1 || len(s.New) != 0 || !s.Busy() {
		t.Errorf("queue: %+v", s)
	}
	if len(s.Failed) != 1 || s.Failed[0].Error.Msg != "m" {
		t.Errorf("failed: %+v", s.Failed)
	}
	if len(s.Staged) != 1 || s.Staged[0].DeploySignature != "aaa" || s.AllSynced {
		t.Errorf("staged: %+v", s.Staged)
	}
	var seen []string
	for _, c := range s.Compilers {
		seen = append(seen, fmt.Sprint(c.Host, c.LastCheckIn != nil, c.Synced))
		s.Deployed(c, func(environment, signature string) { seen = append(seen, environment+"="+signature) })
	}
	if got, want := strings.Join(seen, " "), "b.example.comfalse false a.example.comtrue true production=aaa prd=bbb"; got != want {
		t.Errorf("compilers: %s, want %s", got, want)
	}
}

func TestReadSnapshotHasABound(t *testing.T) {
	for _, path := range []string{`{"deploys-status":{"failed":[`, `{"file-sync-client-status":{"file-sync-clients":{"c":{"deployed":[`} {
		_, err := codemanager.ReadSnapshot(&endless{begin: path + `{}`, text: `,{}`})
		if err == nil || !strings.Contains(err.Error(), "more than 200000 elements at /") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestReadSnapshotRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                           "null where an object is due",
		`[]`:                             "an empty array where an object is due",
		`[{},{}]`:                        "an array of more than one object",
		`{} 1`:                           "something follows the object",
		`{"deploys-status":[]}`:          "an array where an object is due at /deploys-status",
		`{"deploys-status":{"new":{}}}`:  "an object where an array is due at /deploys-status/new",
		`{"deploys-status":{"new":[1]}}`: "unexpected a number at /deploys-status/new/0",
		`{"deploys-status":`:             "cut off",
		`{"file-sync-client-status":{"file-sync-clients":{"h":{"deployed":[{"environment":1}]}}}}`: "a number where a string is due at /file-sync-client-status/file-sync-clients/h/deployed/0/environment",
	} {
		client := serve(t, answers(200, "application/json", text))
		_, err := client.DeploysStatus(t.Context())
		if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error lacks %q: %T %v", text, want, err, err)
		}
	}
}

// An error object with status 200 is no status, and a status with the keys of
// one is no error.
func TestErrorObjectsInThePlaceOfASnapshot(t *testing.T) {
	for _, text := range []string{`{"kind":"k","msg":"it broke"}`, "{\n  \"msg\": \"it broke\"}", `{"details":{},"msg":"it broke"}`} {
		_, err := serve(t, answers(200, "application/json", text)).DeploysStatus(t.Context())
		if api, ok := errors.AsType[*codemanager.APIError](err); !ok || api.Error() != "[GET /deploys/status][200] it broke" {
			t.Errorf("%s: %T %v", text, err, err)
		}
	}
	snapshot, err := serve(t, answers(200, "application/json", `{"details":1,"deploys-status":{"new":[{"environment":"a"}]}}`)).DeploysStatus(t.Context())
	if err != nil || len(snapshot.New) != 1 {
		t.Errorf("%+v %v", snapshot, err)
	}
	_, err = serve(t, answers(200, "application/json", `{"msg":"it`)).DeploysStatus(t.Context())
	if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("half of one: %T %v", err, err)
	}
}

func TestEmptyListsMayBeNull(t *testing.T) {
	s, err := codemanager.ReadSnapshot(strings.NewReader(`{"deploys-status":{"new":null,"queued":null},"file-sync-storage-status":{"deployed":null}}`))
	if err != nil || s.Busy() {
		t.Errorf("%+v %v", s, err)
	}
}

func TestWriteErrorsAreNotTheServers(t *testing.T) {
	full := errors.New("disk full")
	client := serve(t, answers(200, "application/json", busyAnswer))
	err := client.StreamDeploysStatus(t.Context(), nil, func(*codemanager.Body) error { return full })
	if !errors.Is(err, full) || err.Error() != "disk full" {
		t.Errorf("%T %v", err, err)
	}
}

// largeAnswer is what a large estate answers: 30 MB for 200 compilers with
// 1,000 environments.
func largeAnswer(compilers, environments int) []byte {
	var deployed, b bytes.Buffer
	for i := range environments {
		if i > 0 {
			deployed.WriteByte(',')
		}
		fmt.Fprintf(&deployed, `{"environment":"feature_%05d_of_an_estate","date":"2024-03-05T09:00:00.000Z","deploy-signature":"%040x"}`, i, i)
	}
	fmt.Fprintf(&b, `{"deploys-status":{"new":[],"queued":[],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":[%s]},`+
		`"file-sync-client-status":{"all-synced":true,"file-sync-clients":{`, &deployed)
	for i := range compilers {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"compiler%03d.example.com":{"last_check_in_time":"2024-03-05T10:00:00.000Z","synced-with-file-sync-storage":true,"deployed":[%s]}`, i, &deployed)
	}
	b.WriteString("}}}")
	return b.Bytes()
}

func TestLargeEstatesStaySmallInMemory(t *testing.T) {
	text := largeAnswer(200, 1000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s, err := codemanager.ReadSnapshot(bytes.NewReader(text))
	if err != nil || len(s.Compilers) != 200 {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > int64(len(text))/5 {
		t.Errorf("%d kB are held for an answer of %d kB", held>>10, len(text)>>10)
	}
	runtime.KeepAlive(s)
}

func BenchmarkReadSnapshot(b *testing.B) {
	text := largeAnswer(200, 1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codemanager.ReadSnapshot(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
