//go:build unix

package sandboxcmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// TestMain lets the test program be the sandbox, so that tests can kill it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"code-manager-sandbox": func() {
		status := Main(context.Background(), os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, "test")
		os.Exit(status)
	}})
}

// process is a sandbox in a separate process.
type process struct {
	*exec.Cmd
	out *bufio.Reader
	// err is standard error, to be read when the program has ended.
	err *bytes.Buffer
	url string
}

// spawn starts a program; one that hangs is killed.
func spawn(t *testing.T, args ...string) *process {
	t.Helper()
	command := exec.Command(args[0], args[1:]...)
	command.Env = append(command.Environ(), "TMPDIR="+t.TempDir())
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: command, out: bufio.NewReader(out), err: &bytes.Buffer{}}
	command.Stderr = p.err
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	t.Cleanup(func() {
		killer.Stop()
		_ = command.Process.Kill()
	})
	return p
}

// end ends a sandbox well.
func (p *process) end(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.err)
	}
}

// kept is a sandbox with a folder that outlives it.
type kept struct {
	dir  string
	repo *gittest.Repo
	args []string
	// before is put before the command: a shell that sets limits.
	before []string
	// environments are what a generation deploys.
	environments []string
}

// commit puts all environments to one generation: every file says which, and
// the name of the last how many there are.
func (k *kept) commit(t *testing.T, generation int) {
	t.Helper()
	const files = 25
	for _, name := range k.environments {
		tree := gittest.Files{fmt.Sprintf("count/%d", files): fmt.Sprint(generation)}
		for i := range files {
			tree[fmt.Sprintf("dir%d/generation%d", i, generation)] = fmt.Sprint(generation)
		}
		k.repo.Commit(t, name, tree)
	}
}

// start starts a sandbox in the folder and waits until it answers.
func (k *kept) start(t *testing.T) *process {
	t.Helper()
	p := spawn(t, k.command()...)
	first, err := p.out.ReadString('\n')
	if err != nil {
		_ = p.Wait()
		t.Fatalf("%v: %s", err, p.err)
	}
	p.url = strings.Trim(strings.TrimPrefix(strings.TrimSpace(first), "export PUPPET_CODE_SERVICE_URL="), "'")
	return p
}

func (k *kept) command() []string {
	command := append([]string{}, k.before...)
	command = append(command, "code-manager-sandbox", "--dir", k.dir, "--compilers", "1", "--sync-interval", "1ms", "--log-level", "error")
	return append(command, k.args...)
}

// call sends a request and returns the answer, or an error without an answer.
func (k *kept) call(t *testing.T, p *process, method, path, body string) ([]byte, error) {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(k.dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(k.dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Authentication", strings.TrimSpace(string(token)))
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// deployment is what a test looks at of an answer.
type deployment struct {
	Environment string `json:"environment"`
	Status      string `json:"status"`
	Signature   string `json:"deploy-signature"`
	Error       struct {
		Msg string `json:"msg"`
	} `json:"error"`
}

// deploy deploys and waits.
func (k *kept) deploy(t *testing.T, p *process, body string) map[string]deployment {
	t.Helper()
	text, err := k.call(t, p, http.MethodPost, "/v1/deploys", body)
	if err != nil {
		t.Fatal(err)
	}
	var list []deployment
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	found := map[string]deployment{}
	for _, d := range list {
		found[d.Environment] = d
	}
	return found
}

// live checks that every live environment is whole, and returns the generation of
// each; "" for one that is not there.
func (k *kept) live(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range k.environments {
		found[name] = whole(t, filepath.Join(k.dir, "code", "environments", name))
	}
	return found
}

// whole wants all files of one generation in a directory.
func whole(t *testing.T, dir string) string {
	t.Helper()
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	generations, files, count := map[string]bool{}, 0, "none"
	for path, text := range gittest.Tree(t, dir) {
		switch {
		case strings.HasPrefix(path, "count/") && path != "count/":
			count = strings.TrimPrefix(path, "count/")
			generations[text] = true
		case strings.Contains(path, "/generation"):
			files++
			generations[text] = true
		}
	}
	if len(generations) != 1 || fmt.Sprint(files) != count {
		t.Fatalf("%s is not whole: %d of %s files, generations %v", dir, files, count, generations)
	}
	for generation := range generations {
		return generation
	}
	return ""
}

// staged is how much is staged.
func (k *kept) staged(t *testing.T) int {
	t.Helper()
	entries, err := filepath.Glob(filepath.Join(k.dir, "code", "environments", ".*.sandbox-new-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func (k *kept) list() string { return `["` + strings.Join(k.environments, `","`) + `"]` }

func newKept(t *testing.T, args ...string) *kept {
	t.Helper()
	k := &kept{dir: filepath.Join(t.TempDir(), "kept"), repo: gittest.New(t)}
	k.args = append([]string{"--control-repo", k.repo.Path}, args...)
	return k
}
