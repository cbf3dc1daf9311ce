package cli

import (
	"strings"
	"testing"
)

func TestActionFirst(t *testing.T) {
	sys, _, _ := testSystem()
	root := newRootCommand(&app{sys: sys})
	for line, want := range map[string]string{
		"":                               "",
		"deploy production -w":           "deploy production -w",
		"-w deploy production":           "deploy -w production",
		"--wait --all deploy":            "deploy --wait --all",
		"-t deploy -w deploy production": "deploy -t deploy -w production",
		"--token-file deploy deploy x":   "deploy --token-file deploy x",
		"--token-file=x -wF json deploy": "deploy --token-file=x -wF json",
		"-wFjson deploy x":               "deploy -wFjson x",
		"-ltrace deploy x":               "deploy -ltrace x",
		"--watch status -q deploys a":    "status deploys --watch -q a",
		"deploy status":                  "deploy status",
		"deploy -- -w":                   "deploy -- -w",
		"-k -- deploy":                   "-k -- deploy",
		"-t":                             "-t",
		"help deploy":                    "help deploy",
		"-w deplyo production":           "-w deplyo production",
		"--nonsense deploy x":            "deploy --nonsense x",
		"-é deploy x":                    "deploy -é x",
		"__complete -w deploy ":          "__complete -w deploy",
	} {
		got := actionFirst(root, strings.Fields(line))
		if got == nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
