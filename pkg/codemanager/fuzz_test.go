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

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

const (
	seedDeploys = `[{"environment":"production","id":3,"status":"complete","deploy-signature":"482f8d3adc76b5197306c5d4c8aa32aa8315694b",` +
		`"file-sync":{"environment-commit":"69","code-commit":"ce"}},` +
		`{"environment":"x","id":4,"status":"failed","error":{"kind":"puppetlabs.code-manager/deploy-failure","details":{"corrected-env-name":"x"},"msg":"a\nb"}}]`
	seedError = `{"kind":"puppetlabs.rbac/token-expired","msg":"The provided token has expired.","details":"ERROR\t -> x"}`
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

// Any answer is a list that can be written and read again, or an error of one of our types that is safe
// to show.
func FuzzDeployments(f *testing.F) {
	for _, text := range []string{
		seedDeploys, seedDeploys[:100], "[" + seedDeploys + "]", seedError, seedError[:50],
		`null`, `[1]`, `[]`, "[{\"environment\":\"\xff\",\"id\":\"\\ud800\",\"error\":[]}]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := clientOf(t, body).Deploy(t.Context(), DeployRequest{DeployAll: true})
		if err != nil {
			api, refused := errors.AsType[*APIError](err)
			odd, nonsense := errors.AsType[*ResponseError](err)
			if !refused && !nonsense || refused && api.Message == "" || nonsense && !utf8.ValidString(odd.Snippet) {
				t.Fatalf("%T %v", err, err)
			}
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
