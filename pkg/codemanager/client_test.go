package codemanager_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

const token = "0Vs1xO-test_token"

// serve starts a TLS server with one handler, and a client that trusts it.
func serve(t testing.TB, handler http.HandlerFunc) *codemanager.Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server, codemanager.Options{})
}

func clientOf(t testing.TB, server *httptest.Server, opts codemanager.Options) *codemanager.Client {
	t.Helper()
	if opts.BaseURL == "" {
		opts.BaseURL = server.URL + "/code-manager"
	}
	opts.Token = token
	if opts.TLS == nil {
		opts.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
		opts.TLS.RootCAs.AddCert(server.Certificate())
	}
	client, err := codemanager.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// trust trusts the authorities in a file.
func trust(t testing.TB, file string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(text)
	return config
}

// answers writes one status, content type and body.
func answers(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestDeploySendsWhatTheAPIDocuments(t *testing.T) {
	no := false
	for name, test := range map[string]struct {
		request codemanager.DeployRequest
		want    string
	}{
		"environments": {codemanager.DeployRequest{Environments: []string{"a", "b"}}, `{"environments":["a","b"]}`},
		"all, wait":    {codemanager.DeployRequest{DeployAll: true, Wait: true}, `{"deploy-all":true,"wait":true}`},
		"dry run":      {codemanager.DeployRequest{DeployAll: true, Wait: true, DryRun: true}, `{"deploy-all":true,"wait":true,"dry_run":true}`},
		"no modules":   {codemanager.DeployRequest{DeployAll: true, DeployModules: &no}, `{"deploy-all":true,"deploy-modules":false}`},
		"modules":      {codemanager.DeployRequest{Environments: []string{"a"}, Modules: []string{"ntp"}}, `{"environments":["a"],"modules":["ntp"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if string(body) != test.want {
					t.Errorf("body %s, want %s", body, test.want)
				}
				if r.Method != http.MethodPost || r.URL.Path != "/code-manager/v1/deploys" || r.URL.RawQuery != "" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				if got := r.Header.Get("X-Authentication"); got != token {
					t.Errorf("X-Authentication: %q", got)
				}
				if got := r.Header.Get("Content-Type"); got != "application/json" {
					t.Errorf("Content-Type: %q", got)
				}
				answers(200, "application/json", `[]`)(w, r)
			})
			if _, err := client.Deploy(t.Context(), test.request); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestDeployKeepsEveryKey(t *testing.T) {
	const body = `[{"environment":"production","id":9007199254740993,"status":"complete",` +
		`"deploy-signature":"482f8d3adc76b5197306c5d4c8aa32aa8315694b",` +
		`"file-sync":{"environment-commit":"69","code-commit":"ce","sync-unknown":[1]},"future":{"b":1,"a":null}},` +
		`{"environment":"x","status":"failed","error":{"kind":"k","msg":"m","details":"text","extra":true}}]`
	client := serve(t, answers(200, "application/json", body))
	list, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Failed() || !list[1].Failed() {
		t.Errorf("failed: %v, %v", list[0].Failed(), list[1].Failed())
	}
	again, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != body {
		t.Errorf("written again:\n%s\nwant:\n%s", again, body)
	}
}

func TestAPIErrors(t *testing.T) {
	for name, test := range map[string]struct {
		status       int
		contentType  string
		body         string
		text         string
		unauthorized bool
		details      string
		snippet      string
	}{
		"token revoked": {
			401, "application/json", `{"kind":"puppetlabs.rbac/token-revoked","msg":"Authentication token has been revoked."}`,
			"[POST /deploys][401] Authentication token has been revoked.", true, "", "",
		},
		"forbidden": {403, "application/json", `{"kind":"k","msg":"no"}`, "[POST /deploys][403] no", true, "", ""},
		"details string": {
			500, "application/json", `{"kind":"k","msg":"m","details":"ERROR\t -> x"}`,
			"[POST /deploys][500] m", false, `"ERROR\t -> x"`, "",
		},
		"details object":            {500, "application/json", `{"kind":"k","msg":"m","details":{"a":[1]}}`, "[POST /deploys][500] m", false, `{"a":[1]}`, ""},
		"details null":              {500, "application/json", `{"kind":"k","msg":"m","details":null}`, "[POST /deploys][500] m", false, `null`, ""},
		"object with status 200":    {200, "application/json", `{"kind":"k","msg":"m"}`, "[POST /deploys][200] m", false, "", ""},
		"kind alone":                {400, "application/json", `{"kind":"k"}`, "[POST /deploys][400] k", false, "", ""},
		"HTML of a proxy":           {502, "text/html", "<html><h1>Bad Gateway</h1>", "[POST /deploys][502] Bad Gateway", false, "", "<html><h1>Bad Gateway</h1>"},
		"no body":                   {404, "", "", "[POST /deploys][404] Not Found", false, "", ""},
		"401 without a body":        {401, "", "", "[POST /deploys][401] Unauthorized", true, "", ""},
		"a status nobody heard of":  {599, "text/plain", "x", "[POST /deploys][599] unknown status", false, "", "x"},
		"an error that is an array": {500, "application/json", `[1]`, "[POST /deploys][500] Internal Server Error", false, "", "[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, answers(test.status, test.contentType, test.body))
			_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
			api, ok := errors.AsType[*codemanager.APIError](err)
			if !ok {
				t.Fatalf("%T %v", err, err)
			}
			if api.Error() != test.text {
				t.Errorf("text %q, want %q", api, test.text)
			}
			if api.StatusCode != test.status || api.Unauthorized() != test.unauthorized {
				t.Errorf("status %d, unauthorized %v", api.StatusCode, api.Unauthorized())
			}
			if string(api.Details) != test.details || api.Snippet != test.snippet {
				t.Errorf("details %s, snippet %q", api.Details, api.Snippet)
			}
		})
	}
}

func TestAnswersThatAreNotFromCodeManager(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"null":                 {`null`, "expected a JSON array, got null"},
		"an empty body":        {``, "expected JSON, got an empty body"},
		"an object":            {`{"a":1}`, "expected a JSON array, got an object"},
		"numbers":              {`[1,2]`, "unexpected value at /0: a number"},
		"a number":             {`7`, "expected a JSON array, got a number"},
		"HTML":                 {`<html>login</html>`, `expected JSON, got text/x; the body begins: "<html>login</html>" (text/x)`},
		"cut in the middle":    {`[{"environment":"prod`, "the JSON is cut off after 21 bytes"},
		"no environment":       {`[{"environment":"a"},{"id":1}]`, "an element of the array names no environment"},
		"a status of a number": {`[{"environment":"a","status":1}]`, "unexpected value at /0/status: a number"},
		"two values":           {`[] []`, "invalid JSON at byte 3"},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, answers(200, "text/x", test.body))
			_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
			if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok {
				t.Fatalf("%T %v", err, err)
			}
			for _, want := range []string{test.want, "POST https://127.0.0.1", "/code-manager/v1/deploys", "HTTP 200"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q: %v", want, err)
				}
			}
		})
	}
}

func TestLongBodiesAreShownShort(t *testing.T) {
	client := serve(t, answers(500, "text/plain", strings.Repeat("ä", 5000)))
	_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
	api, ok := errors.AsType[*codemanager.APIError](err)
	if !ok || api.Snippet != strings.Repeat("ä", 100)+"…" {
		t.Errorf("%T %v", err, err)
	}
}

func TestInvalidUTF8KeepsTheOutcome(t *testing.T) {
	client := serve(t, answers(200, "application/json", "[{\"environment\":\"a\",\"status\":\"failed\",\"error\":{\"msg\":\"M\xfcller\"}}]"))
	list, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
	if err != nil || list[0].Error.Msg != "M\uFFFDller" {
		t.Errorf("%v %v", list, err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var arrived atomic.Int32
	other := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })
		_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
		if _, ok := errors.AsType[*codemanager.ResponseError](err); !ok || !strings.Contains(err.Error(), other.URL) {
			t.Errorf("%d: %T %v", status, err, err)
		}
	}
	if arrived.Load() != 0 {
		t.Errorf("%d requests arrived at the other host", arrived.Load())
	}
}

// If the connection breaks after the request, the client must not send it again, on a new
// connection or a used one.
func TestDeployIsSentOnce(t *testing.T) {
	var deploys atomic.Int32
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			answers(200, "application/json", `{"state":"running"}`)(w, r)
			return
		}
		deploys.Add(1)
		panic(http.ErrAbortHandler)
	})
	for range 3 {
		if _, err := client.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
		broken, ok := errors.AsType[*codemanager.ConnectionError](err)
		if !ok || !broken.Sent {
			t.Fatalf("%T %v", err, err)
		}
	}
	if deploys.Load() != 3 {
		t.Errorf("%d deployments arrived, want 3", deploys.Load())
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `[{"environment":`)
	})
	_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
	if _, ok := errors.AsType[*codemanager.ConnectionError](err); !ok {
		t.Fatalf("%T %v", err, err)
	}
	for _, want := range []string{"(HTTP 200) broke off after 16 bytes", "unexpected EOF", `[{\"environment\":`, "/v1/deploys"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}

func TestStatus(t *testing.T) {
	const running = `{"state":"running","status":{"file_sync":"enabled","services":{"file-sync-storage":"running"}},"alerts":[],"detail_level":"info"}`
	for name, test := range map[string]struct {
		status int
		body   string
		state  string
	}{
		"running":              {200, running, "running"},
		"in an array of one":   {200, "[" + running + "]", "running"},
		"unhealthy with a 503": {503, `{"state":"error","status":{"services":{}}}`, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.String() != "/code-manager/v1/status?level=info" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				answers(test.status, "application/json", test.body)(w, r)
			})
			got, err := client.Status(t.Context())
			if err != nil || got.State != test.state {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

func TestStatusErrors(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"503 of a proxy": {503, "<html>", "[GET /status][503] Service Unavailable"},
		"array of two":   {200, `[{"state":"running"},{"state":"running"}]`, "expected one JSON object, got an array with 2 elements"},
		"no state":       {200, `{}`, "the object has no state"},
		"error object":   {200, `{"kind":"k","msg":"it broke"}`, "[GET /status][200] it broke"},
		"null":           {200, `null`, "expected a JSON object, got null"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := serve(t, answers(test.status, "application/json", test.body)).Status(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error lacks %q: %v", test.want, err)
			}
		})
	}
}

func TestReadsTimeOut(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	client := clientOf(t, server, codemanager.Options{ReadTimeout: 20 * time.Millisecond})
	_, err := client.Status(t.Context())
	if _, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || !strings.Contains(err.Error(), "the server did not answer within 20ms") {
		t.Errorf("%T %v", err, err)
	}
}

func TestCancellationKeepsItsCause(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel(cause)
		<-r.Context().Done()
	})
	_, err := client.Deploy(ctx, codemanager.DeployRequest{DeployAll: true})
	broken, ok := errors.AsType[*codemanager.ConnectionError](err)
	if !ok || !broken.Sent || !errors.Is(err, cause) {
		t.Errorf("%T %v", err, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{"", "http://x", "primary:8170", "https://"} {
		if _, err := codemanager.New(codemanager.Options{BaseURL: address}); err == nil {
			t.Errorf("%q is accepted", address)
		}
	}
}
