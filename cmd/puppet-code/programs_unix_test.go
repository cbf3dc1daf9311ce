//go:build unix

package main

import (
	"context"
	"os"

	"github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
)

// testPrograms are what this test program can be.
func testPrograms() map[string]func() {
	return map[string]func(){
		"puppet-code": main,
		"measure":     measureProgram,
		"code-manager-sandbox": func() {
			streams := sandboxcmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
			os.Exit(sandboxcmd.Main(context.Background(), os.Args[1:], streams, "test"))
		},
	}
}
