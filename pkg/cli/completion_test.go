package cli

import (
	"bytes"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The scripts that shells load are those that the program prints.
func TestCompletionFiles(t *testing.T) {
	sys, out, stderr := testSystem()
	for name, shell := range map[string]string{
		"puppet-code.bash": "bash", "_puppet-code": "zsh", "puppet-code.fish": "fish", "puppet-code.ps1": "powershell",
	} {
		out.Reset()
		if status := Main(t.Context(), []string{"completion", shell}, sys); status != 0 || stderr.Len() > 0 {
			t.Fatalf("%s: status %d, %s", shell, status, stderr)
		}
		sameFile(t, filepath.Join("..", "..", "completions", name), out.String())
	}
}

// completeLine returns the completions for the last word, and the number of the directive.
func completeLine(t *testing.T, sys System, out *bytes.Buffer, words ...string) (offered []string, directive string) {
	t.Helper()
	out.Reset()
	if status := Main(t.Context(), append([]string{"__completeNoDesc"}, words...), sys); status != 0 {
		t.Fatalf("%q: status %d", words, status)
	}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSpace(line)
		if number, ok := strings.CutPrefix(line, ":"); ok {
			return offered, number
		}
		offered = append(offered, line)
	}
	t.Fatalf("%q: no directive in %q", words, out)
	return nil, ""
}

// 0 lets the shell offer files, 4 does not; 32 keeps the order.
func TestCompletionOfActionsAndOptions(t *testing.T) {
	sys, out, _ := testSystem()
	for line, want := range map[string]string{
		"|":                         "completion deploy dry-run help login logout print-config status token wait :4",
		"help |":                    "completion deploy dry-run login logout print-config status token wait :4",
		"help status |":             "deploys :4",
		"deploy -wqF |":             "json table signature :36",
		"deploy -wl |":              "none trace debug info warn error fatal :36",
		"-w deploy --form|":         "--format :4",
		"completion |":              "bash fish powershell zsh :4",
		"completion bash |":         ":4",
		"status |":                  "deploys :4",
		"deploy --format |":         "json table signature :36",
		"print-config --format |":   "json :36",
		"status --level |":          "info :36",
		"--log-level |":             "none trace debug info warn error fatal :36",
		"deploy --wait -l w|":       "none trace debug info warn error fatal :36",
		"--config-file |":           ":0",
		"deploy --cacert |":         ":0",
		"status -t |":               ":0",
		"deploy --timeout |":        ":4",
		"deploy --modules |":        ":4",
		"status --service-url |":    ":4",
		"dry-run |":                 ":4",
		"print-config --show|":      "--show-token :4",
		"deploy |":                  ":4", // no service URL is known here
		"deploy --insecure --all |": ":4",
	} {
		offered, directive := completeLine(t, sys, out, strings.Split(strings.TrimSuffix(line, "|"), " ")...)
		if got := strings.Join(append(offered, ":"+directive), " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

const threeEnvironments = `{
  "deploys-status": {"new": [], "queued": [{"environment": "production", "queued-at": "2026-01-01T00:00:00Z"}], "deploying": [],
    "failed": [{"environment": "broken", "queued-at": "2026-01-01T00:00:00Z", "error": {"msg": "no"}}]},
  "file-sync-storage-status": {"deployed": [
    {"environment": "production", "date": "2026-01-01T00:00:00Z", "deploy-signature": "0123"},
    {"environment": "profile_x", "date": "2026-01-01T00:00:00Z", "deploy-signature": "0123"},
    {"environment": "$(reboot)", "date": "2026-01-01T00:00:00Z", "deploy-signature": "0123"},
    {"environment": "a\nb", "date": "2026-01-01T00:00:00Z", "deploy-signature": "0123"}]},
  "file-sync-client-status": {"all-synced": true, "file-sync-clients": {}}
}`

// completionSystem is a system whose configuration leads to a server.
func completionSystem(t *testing.T, answer http.HandlerFunc) (sys System, out *bytes.Buffer, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	sys, out, stderr := testSystem()
	t.Cleanup(func() {
		for line := range strings.Lines(stderr.String()) {
			if !strings.HasPrefix(line, "Completion ended with directive:") { // Cobra's own, which shells throw away
				t.Errorf("completion says %s", line)
			}
		}
	})
	environment := map[string]string{
		"PUPPET_CODE_SERVICE_URL": server.URL + "/code-manager",
		"PUPPET_CODE_CACERT":      ca,
		"PUPPET_CODE_TOKEN":       "token",
	}
	sys.LookupEnv = func(name string) (string, bool) { value, ok := environment[name]; return value, ok }
	return sys, out, requests
}

func giveThree(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != "/code-manager/v1/deploys/status" || r.Header.Get("X-Authentication") != "token" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	_, _ = w.Write([]byte(threeEnvironments))
}

func TestCompletionOfEnvironments(t *testing.T) {
	sys, out, requests := completionSystem(t, giveThree)
	for _, test := range []struct{ line, want string }{
		{"deploy ", "production profile_x"},
		{"deploy pro", "production profile_x"},
		{"deploy production pro", "profile_x"},
		{"deploy --wait -F json prod", "production"},
		{"deploy -wq prod", "production"},
		{"deploy -wqF json prod", "production"},
		{"-w deploy prod", "production"},
		{"-wl none deploy prod", "production"},
		{"status deploys b", ""}, // it only ever failed
		{"deploy --all ", ""},
		{"deploy --dry-run ", ""},
		{"dry-run ", ""},
		{"deploy x", ""},
	} {
		offered, directive := completeLine(t, sys, out, strings.Split(test.line, " ")...)
		if got := strings.Join(offered, " "); got != test.want || directive != "4" {
			t.Errorf("%s: %q :%s, want %q :4", test.line, got, directive, test.want)
		}
	}
	before := requests.Load()
	for range 2 { // nothing is kept: a new environment can be completed at once
		completeLine(t, sys, out, "deploy", "")
	}
	if n := requests.Load(); n != before+2 {
		t.Errorf("%d requests for two TABs", n-before)
	}
}

// If the server fails in any way, completion offers nothing, prints nothing, and takes at most a
// second.
func TestCompletionIsSilent(t *testing.T) {
	block := make(chan struct{})
	for name, answer := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"kind": "x", "msg": "y"}`, http.StatusUnauthorized)
		},
		"babbles": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-block:
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			sys, out, _ := completionSystem(t, answer)
			began := time.Now()
			offered, directive := completeLine(t, sys, out, "deploy", "--insecure", "")
			if len(offered) > 0 || directive != "4" {
				t.Errorf("offers %q :%s", offered, directive)
			}
			if lasted := time.Since(began); lasted > 3*time.Second {
				t.Errorf("lasted %s", lasted)
			}
		})
	}
	close(block)
}

// Shells show the texts of options as they are.
func TestCompletionHasNoBackquotes(t *testing.T) {
	sys, out, _ := testSystem()
	for _, words := range [][]string{{"-"}, {"deploy", "-"}, {"status", "deploys", "-"}} {
		out.Reset()
		Main(t.Context(), append([]string{"__complete"}, words...), sys)
		if text := out.String(); strings.Contains(text, "`") || !strings.Contains(text, "read only this configuration file") {
			t.Errorf("%q:\n%s", words, text)
		}
	}
}

// The token of standard input is for the command, not for its completion.
func TestCompletionReadsNoInput(t *testing.T) {
	sys, out, requests := completionSystem(t, giveThree)
	sys.LookupEnv = func(name string) (string, bool) { return "", name == "" }
	sys.In = readsNot{t}
	completeLine(t, sys, out, "deploy", "--token-file", "-", "--service-url", "https://localhost:1/code-manager", "")
	if requests.Load() != 0 {
		t.Error("asked a server without a token")
	}
}

type readsNot struct{ t *testing.T }

func (r readsNot) Read([]byte) (int, error) {
	r.t.Error("standard input is read")
	return 0, os.ErrClosed
}
