package engine_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// TestEveryKindOfAddress deploys over HTTP and by file URL, after pushes that
// rewrite and delete branches.
func TestEveryKindOfAddress(t *testing.T) {
	t.Parallel()
	r10kAtNight(t, func(t *testing.T, open opener) {
		repo := branches(t, "production", "gone")
		engines := []engine.Engine{open(t, "file://"+repo.Path), open(t, gittest.Serve(t, repo))}
		for _, e := range engines {
			if got := environments(t, e); !slices.Equal(got, []string{"gone", "production"}) {
				t.Errorf("environments %q", got)
			}
		}
		repo.Delete(t, "gone")
		want := repo.Commit(t, "production", gittest.Files{"branch": "production"})
		for _, e := range engines {
			_, signature, err := deploy(t, e, engine.Request{Environment: "production"})
			if err != nil || signature != want {
				t.Errorf("signature %s, %v, want %s", signature, err, want)
			}
			deploys(t, e, map[string]string{"production": "production"})
		}
	})
}

// TestBranchBecomesAFolder, and a folder a branch, on a remote.
func TestBranchBecomesAFolder(t *testing.T) {
	r10kAtNight(t, func(t *testing.T, open opener) {
		repo := branches(t, "feature/x", "production")
		e := open(t, gittest.Serve(t, repo))
		deploys(t, e, map[string]string{"feature_x": "feature/x", "production": "production"})
		for range 2 {
			repo.Delete(t, "feature/x")
			repo.Commit(t, "feature", gittest.Files{"branch": "feature"})
			deploys(t, e, map[string]string{"feature": "feature", "production": "production"})
			repo.Delete(t, "feature")
			repo.Commit(t, "feature/x", gittest.Files{"branch": "feature/x"})
			deploys(t, e, map[string]string{"feature_x": "feature/x", "production": "production"})
		}
	})
}

// newHome makes a home directory and returns it. All configuration comes from there.
func newHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, home)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, ".gitconfig"))
	return home
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestHTTPS: git's settings apply: authorities, credentials and rewritten URLs, from every place
// where they can be set.
func TestHTTPS(t *testing.T) {
	repo := branches(t, "production")
	backend := gittest.Handler(t, repo)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "deployer" || password != "s3cret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, ca, certificatePEM(server))
	address, err := url.Parse(server.URL + "/control-repo.git")
	if err != nil {
		t.Fatal(err)
	}
	trusted := "[http]\n\tsslCAInfo = " + ca + "\n"
	for name, test := range map[string]struct {
		config, netrc, caInfo string
		spec                  string
		// fails is the error, "" where it deploys.
		fails string
	}{
		"http.sslCAInfo and .netrc":      {config: trusted, netrc: "machine 127.0.0.1 login deployer password s3cret\n"},
		"GIT_SSL_CAINFO and a helper":    {caInfo: ca, config: "[credential]\n\thelper = \"!f() { echo username=deployer; echo password=s3cret; }; f\"\n"},
		"insteadOf and a password in it": {config: trusted + "[url \"https://deployer:s3cret@" + address.Host + "/\"]\n\tinsteadOf = https://git.test/\n", spec: "https://git.test/control-repo.git"},
		"a password in the URL":          {config: trusted, spec: "https://deployer:s3cret@" + address.Host + "/control-repo.git"},
		"an authority that nobody knows": {fails: "certificate"},
		"no password":                    {config: trusted, fails: "could not read Username"},
		"a wrong password in the URL":    {config: trusted, spec: "https://deployer:" + password + "@" + address.Host + "/control-repo.git", fails: "Authentication failed"},
	} {
		t.Run(name, func(t *testing.T) {
			home := newHome(t)
			writeFile(t, filepath.Join(home, ".gitconfig"), test.config)
			writeFile(t, filepath.Join(home, ".netrc"), test.netrc)
			t.Setenv("GIT_SSL_CAINFO", test.caInfo)
			if test.caInfo == "" { // the machine may have set it
				if err := os.Unsetenv("GIT_SSL_CAINFO"); err != nil {
					t.Fatal(err)
				}
			}
			spec := test.spec
			if spec == "" {
				spec = address.String()
			}
			engines := r10kAtNight
			if strings.Contains(spec, password) {
				engines = bothEngines // that it is in no error is ours
			}
			engines(t, func(t *testing.T, open opener) {
				if test.fails == "" {
					deploys(t, open(t, spec), map[string]string{"production": "production"})
				} else {
					fails(t, open(t, spec), test.fails)
				}
			})
		})
	}
}

// certificatePEM is the certificate of a test server, which signs itself.
func certificatePEM(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}
