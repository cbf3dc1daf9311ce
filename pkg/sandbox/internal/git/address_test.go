package git

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(filepath.Dir(dir))
	for spec, want := range map[string]string{
		dir:                                  dir,
		filepath.Base(dir):                   dir,
		"file:///not/there/yet":              filepath.FromSlash("/not/there/yet"),
		"file://localhost/srv/r":             filepath.FromSlash("/srv/r"),
		"https://user:secret@git.test/r.git": "https://user:xxxxx@git.test/r.git",
		"ssh://git@git.test:2222/r.git":      "ssh://git@git.test:2222/r.git",
		"git@git.test:team/repo.git":         "git@git.test:team/repo.git",
	} {
		if got, err := parseAddress(spec); err != nil || got.String() != want {
			t.Errorf("%s: %v, %v, want %s", spec, got, err, want)
		}
	}
}

func TestInvalidAddresses(t *testing.T) {
	for spec, want := range map[string]string{
		"":                    "no repository given",
		"/not/there":          "there does not exist; give the path or the URL of a Git repository",
		"ftp://git.test/repo": `unsupported scheme "ftp"`,
		"ext://sh":            `unsupported scheme "ext"`,
		"https://a:secret@[":  "the URL cannot be parsed",
	} {
		_, err := parseAddress(spec)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want %s", spec, err, want)
		}
	}
}

func TestFilePath(t *testing.T) {
	for _, test := range []struct{ spec, goos, want string }{
		{"file:///srv/repo.git", "linux", "/srv/repo.git"},
		{"file:///with%20space", "darwin", "/with space"},
		{"file:///C:/t/repo.git", "windows", `C:\t\repo.git`},
		{"file://localhost/C:/t", "windows", `C:\t`},
		{"file://server/share/repo.git", "windows", `\\server\share\repo.git`},
		{"file://C:/t/repo.git", "windows", "error: file:///C:/t/repo.git"},
		{"file:///t/repo.git", "windows", `\t\repo.git`},
		{"file://srv/repo.git", "linux", "error: file:///srv/repo.git"},
	} {
		parsed, err := url.Parse(test.spec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := filePath(parsed, test.goos)
		if want, failing := strings.CutPrefix(test.want, "error: "); failing {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %s", test.spec, err, want)
			}
		} else if err != nil || got != want {
			t.Errorf("%s on %s: %s, %v, want %s", test.spec, test.goos, got, err, want)
		}
	}
}
