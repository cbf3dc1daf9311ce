package harness

import "github.com/rogpeppe/go-internal/testscript"

func cmdTerminal(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("no terminal on Windows") }
