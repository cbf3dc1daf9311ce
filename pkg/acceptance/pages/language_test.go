//go:build !windows

package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

func TestPagesHaveShortLines(t *testing.T) {
	for name, page := range harness.Pages(t) {
		fence := false
		for i, line := range strings.Split(page, "\n") {
			if strings.HasPrefix(line, "```") {
				fence = !fence
			}
			code := fence || strings.HasPrefix(line, "    ")
			if n := len([]rune(line)); n > 100 && !code && !strings.HasPrefix(line, "|") {
				t.Errorf("%s:%d: %d columns", name, i+1, n)
			}
		}
	}
	for name, page := range harness.Pages(t) {
		most := 260 // a page for daily use
		switch {
		case name == "README.md":
			most = 120
		case name == "docs/waiting.md":
			most = 90
		case filepath.Dir(name) != "docs":
			continue
		}
		if n := strings.Count(page, "\n"); n > most {
			t.Errorf("%s has %d lines, want at most %d", name, n, most)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksOfPagesLeadSomewhere(t *testing.T) {
	all := harness.Pages(t)
	for name, page := range all {
		text := regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(page, "")
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := name
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
			}
			if _, err := os.Stat(harness.Root(file)); err != nil {
				t.Errorf("%s: there is no %s", name, file)
			} else if anchor != "" && !anchors(all[file])[anchor] {
				t.Errorf("%s: %s has no heading #%s", name, file, anchor)
			}
		}
	}
}

// anchors are the names that GitHub gives the headings of a page.
func anchors(page string) map[string]bool {
	result := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		result[strings.ReplaceAll(name, " ", "-")] = true
	}
	return result
}
