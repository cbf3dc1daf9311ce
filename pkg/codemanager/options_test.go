package codemanager_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// response is a response of a RoundTripper.
func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func TestRoundTripper(t *testing.T) {
	broke := errors.New("no network in this test")
	var seen []string
	client, err := codemanager.New(codemanager.Options{
		BaseURL: "https://primary.example.com:8170/code-manager/", Token: token, UserAgent: "inventory/3",
		RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, r.Method+" "+r.URL.String()+" "+r.Header.Get("User-Agent")+" "+r.Header.Get("X-Authentication"))
			if len(seen) > 1 {
				return nil, broke
			}
			return response(200, `[{"environment":"a","status":"complete"}]`), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
	if err != nil || len(list) != 1 || list[0].Status != codemanager.StatusComplete {
		t.Errorf("%+v %v", list, err)
	}
	if want := "POST https://primary.example.com:8170/code-manager/v1/deploys inventory/3 " + token; len(seen) != 1 || seen[0] != want {
		t.Errorf("%q, want %q", seen, want)
	}
	_, err = client.Status(t.Context())
	if _, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || !errors.Is(err, broke) {
		t.Errorf("%T %v", err, err)
	}
}

// No error and no log contains the token, even if the server repeats it.
func TestTokenIsInNoErrorAndNoLog(t *testing.T) {
	half := token[:len(token)-1]
	for name, answer := range map[string]*http.Response{
		"a page":                  response(500, "<html>X-Authentication: "+token),
		"a page, after its cut":   response(500, strings.Repeat("x", 195)+token),
		"the end of what is kept": response(500, strings.Repeat(token, 23)+"<html>"+token),
		"a part":                  response(500, "<html>X-Authentication: "+half+"…"),
		"a foreign result":        response(200, token),
		"an error object":         response(401, `{"kind":"`+token+`","msg":"`+token+` is expired","details":["`+token+`"]}`),
		"one with status 200":     response(200, `{"kind":"k","msg":"`+token+`"}`),
		"an array of texts":       response(200, `["`+token+`"]`),
		"a content type":          {StatusCode: 200, Header: http.Header{"Content-Type": {token}}, Body: io.NopCloser(strings.NewReader("<"))},
		"a redirect":              {StatusCode: 307, Header: http.Header{"Location": {"https://elsewhere.example.com/?t=" + token}}, Body: http.NoBody},
		"half of a result":        {StatusCode: 200, Body: io.NopCloser(strings.NewReader(`[{"environment":"` + token)), ContentLength: -1},
	} {
		var log bytes.Buffer
		client, err := codemanager.New(codemanager.Options{
			BaseURL: "https://primary.example.com", Token: token,
			Logger:       slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) { return answer, nil }),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
		if err == nil {
			t.Errorf("%s is a result", name)
			continue
		}
		text := err.Error()
		if api, ok := errors.AsType[*codemanager.APIError](err); ok {
			text += api.Kind + api.Snippet + string(api.Details)
		}
		if strings.Contains(text, half) || strings.Contains(log.String(), half) {
			t.Errorf("%s: %s\n%s", name, text, &log)
		}
	}
}

// net/http quotes a header that it cannot read.
func TestTokenInAnUnreadableHeader(t *testing.T) {
	for _, text := range []string{"HTTP/1.1 200 OK\r\n" + token + "\r\n\r\n", token + "\r\n\r\n", "HTTP/1.1 " + token + "\r\n\r\n"} {
		_, err := serveText(t, text).Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
		broken, ok := errors.AsType[*codemanager.ConnectionError](err)
		if !ok || !broken.Sent || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "malformed") {
			t.Errorf("%T %v", err, err)
		}
	}
}

// An address may contain a secret, or be no https:// address.
func TestAddressesWithSecrets(t *testing.T) {
	for _, address := range []string{
		"https://primary.example.com/?token=" + token, "https://ann:" + token + "@primary.example.com",
		"https://primary.example.com/#" + token, "https://ann:" + token + "@primary.example.com:x",
		"", "http://x", "primary:8170", "https://",
	} {
		_, err := codemanager.New(codemanager.Options{BaseURL: address})
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
