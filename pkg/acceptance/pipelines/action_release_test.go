//go:build unix

package pipelines

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

const releaseVersion = "1.2.3"

// release is a folder with the files of a release for this system: what go build makes, named and laid
// out as .goreleaser.yaml says.
type release struct{ dir, archive, sums string }

func newRelease(t *testing.T) release {
	t.Helper()
	text, err := os.ReadFile(harness.Root(".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Builds   []struct{ ID, Main, Binary string }
		Archives []struct {
			IDs     []string
			Name    string `yaml:"name_template"`
			Formats []string
			Wrap    bool `yaml:"wrap_in_directory"`
		}
		Checksum struct {
			Name string `yaml:"name_template"`
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	archive := rules.Archives[0]
	if strings.Join(archive.Formats, " ") != "tar.gz" || archive.Wrap {
		t.Fatalf("another kind of archive: %+v", archive)
	}
	programs := t.TempDir()
	for _, build := range rules.Builds {
		if !slices.Contains(archive.IDs, build.ID) {
			continue
		}
		command := exec.Command("go", "build", "-ldflags=-s -w -X main.release="+releaseVersion, "-o", filepath.Join(programs, build.Binary), build.Main)
		command.Dir = harness.Root()
		if said, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	r := release{t.TempDir(), releaseName(t, archive.Name) + ".tar.gz", releaseName(t, rules.Checksum.Name)}
	pack(t, filepath.Join(r.dir, r.archive), programs)
	packed, err := os.ReadFile(filepath.Join(r.dir, r.archive))
	if err != nil {
		t.Fatal(err)
	}
	r.sum(t, fmt.Sprintf("%x", sha256.Sum256(packed)), r.archive)
	return r
}

// sum makes the release's list of checksums.
func (r release) sum(t *testing.T, sum, archive string) {
	t.Helper()
	list := strings.Repeat("f", 64) + "  other.tar.gz\n" + sum + "  " + archive + "\n"
	if err := os.WriteFile(filepath.Join(r.dir, r.sums), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
}

// releaseName fills in a template of a name as goreleaser does.
func releaseName(t *testing.T, text string) string {
	t.Helper()
	var name strings.Builder
	if err := template.Must(template.New("").Parse(text)).Execute(&name, map[string]string{
		"Version": releaseVersion, "Os": runtime.GOOS, "Arch": runtime.GOARCH,
	}); err != nil {
		t.Fatal(err)
	}
	return name.String()
}

// pack makes an archive of the files in a folder.
func pack(t *testing.T, name, dir string) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	zipped, _ := gzip.NewWriterLevel(file, gzip.BestSpeed)
	files := tar.NewWriter(zipped)
	err = files.AddFS(os.DirFS(dir))
	for _, closer := range []interface{ Close() error }{files, zipped, file} {
		if closed := closer.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// serve serves the release below vVERSION, with a separate authority. It returns the inputs of the
// action for it.
func (r release) serve(t *testing.T) []string {
	t.Helper()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := testtls.Template("good")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.StripPrefix("/v"+releaseVersion+"/", http.FileServer(http.Dir(r.dir))))
	if server.TLS, err = ca.Config(certificate); err != nil {
		t.Fatal(err)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	// The list of revoked certificates after it is no real one.
	text, err := os.ReadFile(ca.File)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"INPUT_VERSION=v" + releaseVersion, "INPUT_RELEASE_URL=" + server.URL, "INPUT_RELEASE_CACERT=" + file}
}

// toolsOnly is a PATH with the tools that every runner has, and with these programs.
func toolsOnly(t *testing.T, programs ...string) string {
	t.Helper()
	for _, name := range programs {
		testneeds.Program(t, name)
	}
	dir := t.TempDir()
	for _, name := range append(programs, "bash", "cat", "curl", "grep", "gzip", "head", "mkdir", "mktemp", "od", "rm", "sed", "tar", "tr", "uname") {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Without puppet-code on the PATH, the action downloads it from a release and verifies the
// checksum.
func TestActionDownloadsARelease(t *testing.T) {
	t.Parallel()
	needBash(t)
	r := newRelease(t)
	server, err := sandbox.Start(context.Background(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	commit, err := harness.Tip(server.ControlRepo(), "production")
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(server.CACertFile())
	if err != nil {
		t.Fatal(err)
	}
	token, err := os.ReadFile(server.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.TrimSpace(string(token))
	event := append(r.serve(t), "GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/production", "GITHUB_SHA="+commit,
		"PUPPET_CODE_SERVICE_URL="+server.URL(), "PUPPET_CODE_TOKEN="+secret, "INPUT_CACERT="+string(ca))
	for _, summer := range []string{"sha256sum", "shasum"} {
		t.Run(summer, func(t *testing.T) {
			path := toolsOnly(t, summer)
			run := func(want string, status int, env ...string) string {
				output, said, err := action(t, path, append(event, env...)...)
				got := 0
				if exit, ok := errors.AsType[*exec.ExitError](err); ok {
					got = exit.ExitCode()
				} else if err != nil {
					t.Fatal(err)
				}
				if got != status || !strings.Contains(output+said, want) || strings.Count(said, "::error::") > 1 {
					t.Errorf("status %d, want %d and %q: %s%s", got, status, want, output, said)
				}
				if form := harness.Leaked(output+said, secret); form != "" {
					t.Errorf("the token is in the output, %s", form)
				}
				return output
			}
			output := run("status=0\nsignature="+commit+"\n", 0)
			if !strings.Contains(output, `"status": "complete"`) {
				t.Errorf("outputs %q", output)
			}
			run("status=7\n", 7, "INPUT_EXPECT=1234567")
			run("cannot be downloaded", 2, "INPUT_VERSION=1.2.4")
			run("cannot be downloaded", 2, "INPUT_RELEASE_CACERT=")
			bad := r
			bad.dir = t.TempDir()
			if err := os.CopyFS(bad.dir, os.DirFS(r.dir)); err != nil {
				t.Fatal(err)
			}
			bad.sum(t, strings.Repeat("0", 64), r.archive)
			run("its checksum is another", 2, bad.serve(t)...)
			bad.sum(t, strings.Repeat("0", 64), "another-"+r.archive)
			run("has no checksum of "+r.archive, 2, bad.serve(t)...)
		})
	}
}
