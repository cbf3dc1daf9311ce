package codemanager

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Seeds are of the shape of real answers, whole and damaged.
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

// stampTime is a moment after those of the seeds.
var stampTime = time.Date(2031, 7, 9, 10, 0, 1, 0, time.UTC)

func answerOf(status int, body []byte) *answer {
	return &answer{
		call: call{method: http.MethodPost, endpoint: "/deploys"}, url: "https://primary/code-manager/v1/deploys",
		status: status, header: http.Header{}, body: bytes.TrimSpace(body),
	}
}

// readable demands that an error is one of ours, and fit to be shown.
func readable(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if !is[*APIError](err) && !is[*ResponseError](err) {
		t.Fatalf("an error of type %T: %v", err, err)
	}
	if e, ok := errors.AsType[*ResponseError](err); ok && (!utf8.ValidString(e.Snippet) || utf8.RuneCountInString(e.Snippet) > snippetLength+1) {
		t.Fatalf("snippet %q", e.Snippet)
	}
}

func FuzzDeployments(f *testing.F) {
	seed(f, seedDeploys, seedError, `null`, `[1]`, `[]`)
	f.Fuzz(func(t *testing.T, body []byte) {
		var list, again DeploymentList
		if err := ReadDeployments(bytes.NewReader(body), &list); err != nil {
			readable(t, answerOf(200, body).unreadable(err))
			return
		}
		text, err := json.Marshal(list, lenient)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := ReadDeployments(bytes.NewReader(text), &again); err != nil || len(again) != len(list) {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
	})
}

func FuzzErrorBodies(f *testing.F) {
	seed(f, seedError, `<html>x</html>`, `{}`, `{"msg":1}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, status := range []int{200, 302, 401, 502, 999} {
			a := answerOf(status, body)
			readable(t, a.refused())
			if e := a.apiError(); e.Message == "" || utf8.RuneCountInString(e.Snippet) > snippetLength+1 {
				t.Fatalf("%+v", e)
			}
		}
	})
}

func FuzzServiceStatus(f *testing.F) {
	seed(f, seedStatus, `{"state":null}`, `{"status":[]}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := decodeObject[ServiceStatus](answerOf(200, body))
		readable(t, err)
	})
}

func FuzzDeploysStatus(f *testing.F) {
	seed(f, seedQueue, `{"deploys-status":{"failed":null}}`, `{"file-sync-client-status":{"file-sync-clients":{"c":{"deployed":[{"environment":null}]}}}}`)
	f.Fuzz(func(t *testing.T, body []byte) {
		snapshot, err := ReadSnapshot(bytes.NewReader(body))
		if err != nil {
			readable(t, answerOf(200, body).unreadable(err))
			return
		}
		// The rules must stand what any server says.
		s := newSettler([]string{"p", "feature/x"}, stampTime)
		s.look(snapshot, stampTime)
		s.release(stampTime)
		p := s.look(snapshot, stampTime)
		if len(p.Environments) != 2 || p.InSync > p.Compilers {
			t.Fatalf("%+v", p)
		}
		all := newSettler(nil, stampTime)
		all.look(snapshot, stampTime)
		overview := NewOverview(snapshot, nil)
		if overview.FailedNow() > len(overview.Environments) {
			t.Fatalf("%+v", overview)
		}
	})
}

func FuzzCorrectedName(f *testing.F) {
	for _, name := range []string{"production", "feature/foo-bar", "../../etc", "-rf", "", "ä\x00\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		corrected := CorrectedName(name)
		if strings.ContainsFunc(corrected, func(r rune) bool { return r > 'z' || CorrectedName(string(r)) != string(r) }) {
			t.Fatalf("%q becomes %q", name, corrected)
		}
		if CorrectedName(corrected) != corrected || utf8.RuneCountInString(name) != len(corrected) {
			t.Fatalf("%q becomes %q", name, corrected)
		}
	})
}
