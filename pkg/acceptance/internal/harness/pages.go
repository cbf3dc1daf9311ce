package harness

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Root is a path below the root of the repository, from the folder of a package of tests.
func Root(elements ...string) string {
	return filepath.Join(append([]string{"..", "..", ".."}, elements...)...)
}

// Block is a fenced part of a page.
type Block struct {
	Language, Text string
	// Heading is the heading above it.
	Heading string
}

// BlocksOf are the fenced parts of a page of docs.
func BlocksOf(t *testing.T, page string) []Block {
	t.Helper()
	text, err := os.ReadFile(Root("docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var list []Block
	heading, open := "", false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open:
			open = false
		case fence:
			open = true
			list = append(list, Block{Language: language, Heading: heading})
		case open:
			list[len(list)-1].Text += line + "\n"
		case strings.HasPrefix(line, "## "):
			heading = strings.TrimPrefix(line, "## ")
		}
	}
	return list
}

// Pages are all pages for people, by their path from the root of the repository.
func Pages(t *testing.T) map[string]string {
	t.Helper()
	result := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", ".github/*.md"} {
		files, err := filepath.Glob(Root(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			result[filepath.ToSlash(strings.TrimPrefix(file, Root()+"/"))] = string(text)
		}
	}
	if len(result) < 10 {
		t.Fatalf("%d pages", len(result))
	}
	return result
}

// TestFunctions are the names of all Go tests of the project.
func TestFunctions(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	functions := map[string]bool{}
	for _, root := range []string{Root("pkg")} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, found := range declared.FindAllStringSubmatch(string(text), -1) {
				functions[found[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return functions
}
