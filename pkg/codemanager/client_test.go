package codemanager_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

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
	return client
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
