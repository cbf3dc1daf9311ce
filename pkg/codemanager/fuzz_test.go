package codemanager

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

// seed adds texts of the shape of real answers, whole and damaged.
func seed(f *testing.F, texts ...string) {
	f.Helper()
	for _, text := range texts {
		f.Add([]byte(text))
		f.Add([]byte(text[:len(text)/2]))
		f.Add([]byte("[" + text + "]"))
	}
}

const (
	seedDeploys = `[{"environment":"production","id":3,"status":"complete","deploy-signature":"482f8d3adc76b5197306c5d4c8aa32aa8315694b",` +
		`"file-sync":{"environment-commit":"69","code-commit":"ce"}},` +
		`{"environment":"x","id":4,"status":"failed","error":{"kind":"puppetlabs.code-manager/deploy-failure","details":{"corrected-env-name":"x"},"msg":"a\nb"}}]`
	seedError  = `{"kind":"puppetlabs.rbac/token-expired","msg":"The provided token has expired.","details":"ERROR\t -> x"}`
	seedStatus = `{"state":"running","status":{"file_sync":"enabled","services":{"file-sync-storage":"running"}},"alerts":[],"detail_level":"info"}`
	seedQueue  = `{"deploys-status":{"new":[],"queued":[{"environment":"p","queued-at":"2031-07-09T10:00:00.100Z","id":7}],"deploying":[],` +
		`"failed":[{"environment":"p","queued-at":"2031-07-09T09:00:00.100Z","error":{"msg":"m"}}]},` +
		`"file-sync-storage-status":{"deployed":[{"environment":"p","date":"2031-07-09T10:00:00.000Z","deploy-signature":"a"}]},` +
		`"file-sync-client-status":{"all-synced":true,"file-sync-clients":{"c":{"last_check_in_time":"2031-07-09T10:00:00.000Z",` +
		`"synced-with-file-sync-storage":true,"deployed":[{"environment":"p","date":"","deploy-signature":"a"}]}}}}`
)

type answer []byte

func (a answer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(a)), Body: io.NopCloser(bytes.NewReader(a))}, nil
}

// clientOf talks to a server that answers everything with this body.
func clientOf(t *testing.T, body []byte) *Client {
	t.Helper()
	client, err := New(Options{BaseURL: "https://primary.example.com:8170/code-manager", RoundTripper: answer(body)})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// readable checks that an error has one of our types, and is safe to show.
func readable(t *testing.T, err error) {
	t.Helper()
	api, refused := errors.AsType[*APIError](err)
	odd, nonsense := errors.AsType[*ResponseError](err)
	if err != nil && !refused && !nonsense {
		t.Fatalf("an error of type %T: %v", err, err)
	}
	if refused && api.Message == "" || nonsense && !utf8.ValidString(odd.Snippet) {
		t.Fatalf("%+v, %+v", api, odd)
	}
}

func FuzzDeployments(f *testing.F) {
	seed(f, seedDeploys, seedError, `null`, `[1]`, `[]`, "[{\"environment\":\"\xff\",\"id\":\"\\ud800\",\"error\":[]}]")
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := clientOf(t, body).Deploy(t.Context(), DeployRequest{DeployAll: true})
		if err != nil {
			readable(t, err)
			return
		}
		text, err := json.Marshal(list, jsonread.Lenient)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := clientOf(t, text).Deploy(t.Context(), DeployRequest{DeployAll: true})
		if err != nil || len(again) != len(list) {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
		for i, d := range list {
			if again[i].Environment != d.Environment || again[i].Status != d.Status || again[i].Failed() != d.Failed() {
				t.Fatalf("%+v becomes %+v", d, again[i])
			}
			d.Raw = nil // its own keys must do as well
			if _, err := json.Marshal(d, jsonread.Lenient); err != nil {
				t.Fatalf("%+v cannot be written: %v", d, err)
			}
		}
	})
}

func FuzzServiceStatus(f *testing.F) {
	seed(f, seedStatus, seedError, `{"state":null}`, `{"status":[]}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		status, err := clientOf(t, body).Status(t.Context())
		readable(t, err)
		if err == nil && status.State == "" {
			t.Fatalf("%+v", status)
		}
	})
}

func FuzzDeploysStatus(f *testing.F) {
	seed(f, seedQueue, seedError, `{"deploys-status":{"failed":null}}`, `{"file-sync-client-status":{"file-sync-clients":{"c":{"deployed":[{"environment":null}]}}}}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		status, err := clientOf(t, body).DeploysStatus(t.Context())
		readable(t, err)
		if err == nil && jsontext.Value(status.Raw).Kind() != '{' {
			t.Fatalf("%q", status.Raw)
		}
	})
}

func FuzzEnvironmentName(f *testing.F) {
	for _, name := range []string{"production", "feature/foo-bar", "../../etc", "-rf", "", "ä\x00\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		made := EnvironmentName(name)
		if strings.ContainsFunc(made, func(r rune) bool { return r > 'z' || EnvironmentName(string(r)) != string(r) }) {
			t.Fatalf("%q becomes %q", name, made)
		}
		if EnvironmentName(made) != made || utf8.RuneCountInString(name) != len(made) {
			t.Fatalf("%q becomes %q", name, made)
		}
	})
}
