//go:build !windows

package pages

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

// results are the commands whose JSON docs/reference/json.md shows, by its headings.
var results = []struct {
	heading, schema, command string
	status                   int
}{
	{"Deployments", "deploy.json", "puppet-code deploy production nosuch --wait", 3},
	{"Environments", "dry-run.json", "puppet-code dry-run", 0},
	{"Health", "status.json", "puppet-code status", 0},
	{"Activity", "status-deploys.json", "puppet-code status deploys", 0},
	{"Configuration", "print-config.json", "puppet-code print-config --format json", 0},
}

// The examples of the page have the form of real results, and both are valid by the schemas.
func TestJSONPageShowsRealResults(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	examples := map[string]string{}
	for _, b := range harness.BlocksOf(t, "reference/json.md") {
		examples[b.Heading] = b.Text
	}
	if len(examples) != len(results) {
		t.Errorf("%d examples, want %d", len(examples), len(results))
	}
	for _, result := range results {
		t.Run(result.schema, func(t *testing.T) {
			schema, err := jsonschema.NewCompiler().Compile(harness.Root("docs", "reference", "schema", result.schema))
			if err != nil {
				t.Fatal(err)
			}
			printed := parsed(t, w.Must(result.status, result.command))
			example := parsed(t, examples[result.heading])
			for text, value := range map[string]any{"the real result": printed, "the example": example} {
				if err := schema.Validate(value); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
			if page, program := form(example), form(printed); !reflect.DeepEqual(page, program) {
				t.Errorf("the page shows\n%v\nthe program prints\n%v", page, program)
			}
		})
	}
}

// A schema must not allow everything.
func TestJSONSchemasRefuseOtherResults(t *testing.T) {
	files, err := filepath.Glob(harness.Root("docs", "reference", "schema", "*.json"))
	if err != nil || len(files) != len(results) {
		t.Fatalf("%d schemas, want %d: %v", len(files), len(results), err)
	}
	for _, file := range files {
		schema, err := jsonschema.NewCompiler().Compile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{`{}`, `[{}]`, `[{"environment": 1, "status": "failed"}]`, `"complete"`} {
			if schema.Validate(parsed(t, text)) == nil {
				t.Errorf("%s accepts %s", file, text)
			}
		}
	}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return value
}

var volatile = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`^[0-9a-f]{40}$`), "commit"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT[\d:.]+Z$`), "time"},
	{regexp.MustCompile(`^https://.*/(code-manager|rbac-api)$`), "url"},
	{regexp.MustCompile(`^/.*/(ca\.pem|token)$`), "path"},
}

// form replaces the values that differ from run to run with names. It keeps only the first client
// of file sync, because all are alike.
func form(value any) any {
	switch value := value.(type) {
	case map[string]any:
		result := map[string]any{}
		for key, part := range value {
			result[key] = form(part)
		}
		if clients, ok := result["file-sync-clients"].(map[string]any); ok {
			result["file-sync-clients"] = clients["compiler1.sandbox.localdomain"]
		}
		return result
	case []any:
		result := []any{}
		for _, part := range value {
			result = append(result, form(part))
		}
		return result
	case string:
		for _, v := range volatile {
			if v.pattern.MatchString(value) {
				return v.as
			}
		}
	}
	return value
}

// The examples of README run as they stand, in a clone whose commit was pushed.
func TestReadmeExamplesRun(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	w.Push("production")
	text, err := os.ReadFile(harness.Root("README.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	if len(examples) != 5 {
		t.Fatalf("%d examples, want 5", len(examples))
	}
	for _, example := range examples {
		w.Must(0, "cd \"$CLONE\"\n"+example[1], "BRANCH=production")
	}
	// A script ends where its deployment fails.
	if out := w.Must(3, strings.ReplaceAll(examples[1][1], "production", harness.Failing)); out != "" {
		t.Errorf("the script goes on: %s", out)
	}
}
