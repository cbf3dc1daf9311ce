//go:build unix

package pipelines

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// In Git's bash on Windows, paths of the runner have a drive letter, whose colon would end an entry
// on the PATH. cygpath translates them.
func TestActionInGitBash(t *testing.T) {
	t.Parallel()
	needBash(t)
	testneeds.Program(t, "unzip")
	stand := strings.TrimSuffix(standIn(t, 0), ":"+os.Getenv("PATH"))
	r := release{t.TempDir(), "puppet-code_" + releaseVersion + "_windows_amd64.zip", "puppet-code_" + releaseVersion + "_SHA256SUMS"}
	file, err := os.Create(filepath.Join(r.dir, r.archive))
	if err != nil {
		t.Fatal(err)
	}
	files := zip.NewWriter(file)
	for _, err := range []error{files.AddFS(os.DirFS(stand)), files.Close(), file.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	packed, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	r.sum(t, fmt.Sprintf("%x", sha256.Sum256(packed)), r.archive)

	path, temp := toolsOnly(t, "sha256sum", "unzip"), t.TempDir()
	testneeds.Executable(t, filepath.Join(path, "cygpath"), "#!/bin/sh\n[ \"$*\" = '-u D:\\a\\_temp' ] && echo "+temp+"\n")
	if err := os.Remove(filepath.Join(path, "uname")); err != nil {
		t.Fatal(err)
	}
	testneeds.Executable(t, filepath.Join(path, "uname"), "#!/bin/sh\n[ \"$1\" = -m ] && echo x86_64 || echo MINGW64_NT-10.0-20348\n")
	output, said, err := action(t, path, append(r.serve(t), `RUNNER_TEMP=D:\a\_temp`, "GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/x")...)
	if err != nil || !strings.Contains(said, "called: deploy ") || !strings.HasPrefix(output, "status=0\nsignature=abc\n") {
		t.Errorf("%v: %s%s", err, said, output)
	}
}
