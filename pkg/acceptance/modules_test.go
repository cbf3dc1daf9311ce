package acceptance

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// linked are the modules that are linked into puppet-code, without those that only the sandbox or
// tests need. If you add a module here, add it to docs/inside/decisions.md.
var linked = []string{
	"github.com/clipperhouse/uax29/v2", // go-runewidth
	"github.com/fatih/color",
	"github.com/fsnotify/fsnotify", // viper
	"github.com/go-json-experiment/json",
	"github.com/go-resty/resty/v2",
	"github.com/go-viper/mapstructure/v2", // viper
	"github.com/jedib0t/go-pretty/v6",
	"github.com/mattn/go-colorable",     // color
	"github.com/mattn/go-isatty",        // color
	"github.com/mattn/go-runewidth",     // go-pretty
	"github.com/pelletier/go-toml/v2",   // viper
	"github.com/sagikazarmark/locafero", // viper
	"github.com/spf13/afero",            // viper
	"github.com/spf13/cast",             // viper
	"github.com/spf13/cobra",
	"github.com/spf13/pflag",
	"github.com/spf13/viper",
	"github.com/subosito/gotenv", // viper
	"go.yaml.in/yaml/v3",         // viper
	"golang.org/x/net",           // resty
	"golang.org/x/sys",           // x/term
	"golang.org/x/term",
	"golang.org/x/text", // viper
}

func TestLinkedModules(t *testing.T) {
	t.Parallel()
	testneeds.Program(t, "go")
	command := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "../../cmd/puppet-code")
	command.Env = append(command.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	slices.Sort(got)
	got = slices.Compact(got)
	for _, module := range got {
		if !slices.Contains(linked, module) {
			t.Errorf("%s is linked into puppet-code: if that is meant, add it here", module)
		}
	}
	for _, module := range linked {
		if !slices.Contains(got, module) {
			t.Errorf("%s is not linked into puppet-code any more: remove it here", module)
		}
	}
}
