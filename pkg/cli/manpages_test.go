package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/manual"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

const manPages = "../../docs/reference/man"

// The pages are made from the commands, the comments of the exit statuses, and
// the texts in mantexts_test.go.
func TestManPages(t *testing.T) {
	for _, page := range pages(t) {
		sameFile(t, filepath.Join(manPages, page.File()), page.Roff())
	}
}

func pages(t *testing.T) []manual.Page {
	t.Helper()
	sys, _, _ := testSystem()
	root := newRootCommand(&app{sys: sys})
	list := []manual.Page{rootPage(t, root), configPage()}
	for _, command := range usage.Commands(root) {
		if name := strings.ReplaceAll(command.CommandPath(), " ", "-"); command != root && command.Name() != "help" && command.Parent().Name() != "completion" {
			list = append(list, actionPage(t, command, name))
		}
	}
	if len(list) < 7 {
		t.Fatalf("only %d pages", len(list))
	}
	return list
}

func rootPage(t *testing.T, root *cobra.Command) manual.Page {
	page := manual.Describe(root, root.Name())
	page.Sections[0].Blocks = []manual.Block{
		manual.Text("`puppet-code` [GLOBAL OPTIONS] ACTION [ACTION OPTIONS]\n\n`puppet code` ACTION"),
	}
	page.Sections[1].Blocks = append(page.Sections[1].Blocks, manual.Text(rootText))
	var actions []manual.Block
	for _, command := range usage.Commands(root)[1:] {
		if name := strings.TrimPrefix(command.CommandPath(), root.Name()+" "); name != "help" && !strings.HasPrefix(name, "completion ") {
			actions = append(actions, manual.Term{Word: "`" + name + "`", Text: manual.Text(
				command.Short + ": `" + strings.ReplaceAll(command.CommandPath(), " ", "-") + "`(1).")})
		}
	}
	page.Sections = append(page.Sections,
		manual.Section{Title: "Actions", Blocks: actions},
		manual.Section{Title: "Global options", Blocks: manual.Options(root.PersistentFlags())},
		manual.Section{Title: "Output", Blocks: []manual.Block{manual.Text(outputText)}},
		statusSection(t, root.Name()),
		manual.Section{Title: "Environment", Blocks: environmentTerms()},
		manual.Section{Title: "Files", Blocks: fileTerms()},
		manual.Examples(root),
		seeAlso("puppet-code-deploy(1)", "puppet-code-status(1)", "puppet-code.conf(5)", "code-manager-sandbox(1)"),
	)
	return page
}

func actionPage(t *testing.T, command *cobra.Command, name string) manual.Page {
	page := manual.Describe(command, name)
	if command.Name() == "status" {
		page.Sections[0].Blocks = []manual.Block{manual.Text(
			"`puppet-code status` [OPTIONS]\n\n`puppet-code status deploys` [ENVIRONMENT...] [OPTIONS]")}
	}
	also := []string{"puppet-code(1)", "puppet-code.conf(5)"}
	for _, other := range command.Commands() {
		also = append(also, strings.ReplaceAll(other.CommandPath(), " ", "-")+"(1)")
	}
	page.Sections = append(page.Sections,
		manual.Section{Title: "Options", Blocks: append(manual.Options(command.LocalNonPersistentFlags()),
			manual.Text("The global options are in `puppet-code`(1)."))},
	)
	if blocks := jsonBlocks[name]; blocks != nil {
		page.Sections = append(page.Sections, manual.Section{Title: "JSON", Blocks: blocks}, statusSection(t, name))
	}
	page.Sections = append(page.Sections, manual.Examples(command), seeAlso(also...))
	return page
}

func configPage() manual.Page {
	return manual.Page{
		Name: "puppet-code.conf", Section: 5, Short: "configuration of puppet-code",
		Sections: []manual.Section{
			{Title: "Synopsis", Blocks: []manual.Block{manual.Text(
				"/etc/puppetlabs/client-tools/puppet-code.conf\n\n~/.puppetlabs/client-tools/puppet-code.conf")}},
			{Title: "Description", Blocks: []manual.Block{manual.Text(configText)}},
			{Title: "Keys", Blocks: configTerms()},
			{Title: "Layers", Blocks: []manual.Block{manual.Text(layersText)}},
			{Title: "The token", Blocks: []manual.Block{manual.Text(tokenText)}},
			{Title: "Files", Blocks: fileTerms()},
			{Title: "Example", Blocks: []manual.Block{manual.Code(configExample)}},
			seeAlso("puppet-code(1)", "puppet-code-print-config(1)"),
		},
	}
}

// statusSection leaves out the statuses that an action never ends with.
func statusSection(t *testing.T, page string) manual.Section {
	never := map[string][]string{
		"puppet-code-status":       {"3", "6"},
		"puppet-code-print-config": {"3", "4", "5", "6"},
		"puppet-code-token":        {"3", "6", "7", "8"},
	}[page]
	section := manual.Section{Title: "Exit status"}
	for _, row := range exitStatuses(t) {
		if slices.Contains(never, row.status) {
			continue
		}
		section.Blocks = append(section.Blocks, manual.Term{Word: "`" + row.status + "`", Text: manual.Text(row.meaning)})
	}
	return section
}

func seeAlso(names ...string) manual.Section {
	for i, name := range names {
		name, section, _ := strings.Cut(name, "(")
		names[i] = "`" + name + "`(" + section
	}
	return manual.Section{Title: "See also", Blocks: []manual.Block{manual.Text(strings.Join(names, ", "))}}
}

// sameFile checks that a generated file is up to date, or writes it.
func sameFile(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil { // a file for everybody
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Errorf("%s is not what the program says (%v): run go generate ./...", path, err)
	}
}

// Every member that we know of is in the page of the action that shows it.
func TestManPagesNameEveryMember(t *testing.T) {
	for name, value := range map[string]any{
		"puppet-code-deploy":  codemanager.Deployment{},
		"puppet-code-dry-run": struct{ codemanager.ErrorObject }{},
		"puppet-code-status": struct {
			codemanager.ServiceStatus
			FileSync    string `json:"file_sync"`
			Services    string `json:"services"`
			DetailLevel string `json:"detail_level"`
		}{},
		"puppet-code-status-deploys": codemanager.DeploysStatus{},
		"puppet-code-print-config":   config.Value{},
	} {
		text, err := os.ReadFile(filepath.Join(manPages, name+".1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, member := range members(reflect.TypeOf(value)) {
			if !strings.Contains(string(text), `\fB`+strings.ReplaceAll(member, "-", `\-`)+`\fR`) {
				t.Errorf("%s does not explain %s", name, member)
			}
		}
	}
}

func members(of reflect.Type) []string {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return members(of.Elem())
	case reflect.Struct:
		var list []string
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "" && name != "-" && !slices.Contains(list, name) {
				list = append(list, name)
			}
			list = append(list, members(field.Type)...)
		}
		return list
	default:
		return nil
	}
}

// emphasis matches groff's formatting of bold text.
var emphasis = regexp.MustCompile(`.\x08|\x1b\[[0-9;]*m`)

// man formats every page without a word of complaint.
func TestManPagesAreClean(t *testing.T) {
	testneeds.Program(t, "groff")
	files, err := filepath.Glob(filepath.Join(manPages, "*.[15]"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	for _, file := range files {
		for _, width := range []string{"80n", "60n"} {
			command := exec.Command("groff", "-ww", "-man", "-Tutf8", "-rLL="+width, file)
			complaints := &strings.Builder{}
			command.Stderr = complaints
			text, err := command.Output()
			if err != nil || complaints.Len() > 0 || len(text) < 500 {
				t.Errorf("%s at %s: %v, %d bytes, says:\n%s", file, width, err, len(text), complaints)
			}
			for line := range strings.Lines(emphasis.ReplaceAllString(string(text), "")) {
				if width == "80n" && utf8.RuneCountInString(line) > 81 {
					t.Errorf("%s: does not fit 80 columns: %s", file, line)
				}
			}
		}
	}
}

// What writes the pages is for tests alone.
func TestProgramsDoNotWriteManPages(t *testing.T) {
	testneeds.Program(t, "go")
	for _, program := range []string{"puppet-code", "code-manager-sandbox"} {
		list, err := exec.Command("go", "list", "-deps", "../../cmd/"+program).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dependency := range strings.Fields(string(list)) {
			if strings.HasSuffix(dependency, "/pkg/manual") || strings.HasSuffix(dependency, "/cobra/doc") {
				t.Errorf("%s links %s", program, dependency)
			}
		}
	}
}

// The page of the configuration tells the paths that the program looks at.
func fileTerms() []manual.Block {
	paths := config.DefaultPaths("linux", "~")
	return []manual.Block{
		manual.Term{Word: "`" + paths.UserFile + "`", Text: "The user's configuration."},
		manual.Term{Word: "`" + paths.GlobalFile + "`", Text: "The configuration for everybody."},
		manual.Term{Word: "`" + paths.TokenFile + "`", Text: "The token, unless another place is configured. `puppet-code login` writes it."},
		manual.Term{
			Word: "`" + paths.CACert + "`, `" + paths.SavedCACert + "`",
			Text: "The authorities that are trusted, unless others are configured: of the first file that is there, or else of the system. `puppet-code login --server` writes the second.",
		},
		manual.Term{Word: "`" + paths.PuppetConf + "`", Text: "Where `server` comes from, if no service URL is configured."},
	}
}
