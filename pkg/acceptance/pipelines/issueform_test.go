//go:build !windows

package pipelines

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// The form about servers asks for an answer without names, and gives the command that replaces them.
func TestIssueFormReplacesNames(t *testing.T) {
	t.Parallel()
	testneeds.Program(t, "jq")
	text, err := os.ReadFile(harness.Root(".github", "ISSUE_TEMPLATE", "server.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var form struct {
		Body []struct {
			ID         string
			Attributes struct{ Description string }
		}
	}
	if err := yaml.Unmarshal(text, &form); err != nil {
		t.Fatal(err)
	}
	var command string
	for _, field := range form.Body {
		if field.ID == "status" {
			_, rest, _ := strings.Cut(field.Attributes.Description, "```\n")
			command, _, _ = strings.Cut(rest, "```")
		}
	}
	if !strings.HasPrefix(command, "puppet-code status deploys -F json | ") {
		t.Fatalf("the form's command is %q", command)
	}
	w := harness.NewWorkshop(t)
	w.Must(3, "puppet-code deploy production testing gone --wait")
	before, after := w.Must(0, "puppet-code status deploys -F json"), w.Must(0, command)
	for _, name := range []string{"production", "testing", "gone", "sandbox"} {
		if !strings.Contains(before, name) || strings.Contains(after, name) {
			t.Errorf("%s is not replaced:\n%s", name, after)
		}
	}
	// Times and commits stay, and one name is one word wherever it stands.
	facts := regexp.MustCompile(`[0-9a-f]{40}|\d{4}-\d\d-\d\d`)
	if got, want := len(facts.FindAllString(after, -1)), len(facts.FindAllString(before, -1)); got != want || want < 8 {
		t.Errorf("%d times and commits, want %d:\n%s", got, want, after)
	}
	live := regexp.MustCompile(`"environment": "(text\d+)"`).FindAllStringSubmatch(after, -1)
	words := map[string]int{}
	for _, match := range live {
		words[match[1]]++
	}
	if len(words) != 3 || len(live) < 5 {
		t.Errorf("the environments are %v:\n%s", words, after)
	}
}
