package harness

import (
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// Main runs the tests of a package, with the tested programs on the PATH.
func Main(m *testing.M) {
	// These tests mostly wait, so more of them run in parallel, unless a flag sets the number.
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.NumCPU())); err != nil {
		panic(err)
	}
	// With -race, a program sleeps for a second before it ends, unless told otherwise.
	if os.Getenv("GORACE") == "" {
		setenv("GORACE", "atexit_sleep_ms=0")
	}
	setenv("TZ", "UTC") // the tests must not depend on the time zone of the machine
	testscript.Main(tests{m}, testPrograms())
}

type tests struct{ *testing.M }

// Run is not called where this program runs as another: that one needs the proxies of a script.
func (t tests) Run() int {
	testneeds.WithoutProxies()
	unignore()
	return runWithPrograms(t.M)
}

func setenv(name, value string) {
	if err := os.Setenv(name, value); err != nil {
		panic(err)
	}
}

// noSuchFile is this system's text for a file that is not there, without a full stop.
func noSuchFile() string {
	_, err := os.Stat("is not there")
	return strings.TrimSuffix(errors.Unwrap(err).Error(), ".")
}

// RunScripts runs scripts, whose sandboxes have these options.
func RunScripts(t *testing.T, scripts []string, opts sandbox.Options) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for _, home := range []string{"HOME", "USERPROFILE"} {
				env.Setenv(home, filepath.Join(env.WorkDir, "home"))
			}
			env.Setenv("NO_SUCH_FILE", noSuchFile())
			for _, name := range []string{"TZ", "GORACE"} {
				env.Setenv(name, os.Getenv(name))
			}
			env.Setenv("INTERFACE", ownAddress())
			env.Values[stateKey{}] = &scriptState{servers: map[string]*cannedServer{}, sandbox: opts}
			return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o700)
		},
		Condition: func(condition string) (bool, error) {
			if program, ok := strings.CutPrefix(condition, "needs:"); ok {
				return Needs(program)
			}
			switch condition {
			case "night":
				return testneeds.Nightly(), nil
			case "interface":
				return hasOwnAddress()
			case "ipv6":
				return hasIPv6()
			case "puppet.conf":
				_, err := os.Stat(config.DefaultPaths(runtime.GOOS, "").PuppetConf)
				return err == nil, nil
			}
			return false, fmt.Errorf("no condition %q", condition)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox":    cmdSandbox,
			"serve":      cmdServe,
			"requests":   cmdRequests,
			"posts":      cmdPosts,
			"exits":      cmdExits,
			"complete":   cmdComplete,
			"replace":    cmdReplace,
			"nobrackets": cmdNoBrackets,
			"bytes":      cmdBytes,
			"interrupt":  cmdInterrupt,
			"ended":      cmdEnded,
			"closedport": cmdClosedPort,
			"terminal":   cmdTerminal,
			"installed":  cmdInstalled,
			"merged":     cmdMerged,
			"said":       cmdSaid,
			"primary":    cmdPrimary,
			"tinyproxy":  cmdTinyproxy,
			"tame":       cmdTame,
			"validjson":  cmdValidJSON,
			"empty":      cmdEmpty,
		},
	})
}

// cmdSandbox starts a Code Manager and points puppet-code at it:
//
//	sandbox [KEY=VALUE...]
//
//	delay=TIME     how long each deployment takes
//	sync=TIME      how often compilers check in
//	down=COMPILER  a compiler that never checks in
func cmdSandbox(ts *testscript.TestScript, _ bool, args []string) {
	opts := state(ts).sandbox
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		var err error
		switch key {
		case "delay":
			opts.DeployDelay, err = time.ParseDuration(value)
		case "sync":
			opts.SyncInterval, err = time.ParseDuration(value)
		case "down":
			opts.CompilersDown = append(opts.CompilersDown, value)
		default:
			ts.Fatalf("no option %s", key)
		}
		ts.Check(err)
	}
	server, err := sandbox.Start(context.Background(), opts)
	ts.Check(err)
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv("DROP_WAIT_AFTER", opts.DropWaitAfter.String())
	ts.Setenv("PUPPET_CODE_SERVICE_URL", server.URL())
	ts.Setenv("PUPPET_CODE_CACERT", server.CACertFile())
	ts.Setenv("PUPPET_CODE_TOKEN_FILE", server.TokenFile())
	ts.Setenv("PUPPET_CODE_RBAC_URL", server.RBACURL())
	ts.Setenv("PASSWORD_FILE", server.PasswordFile())
	ts.Setenv("CA_URL", server.CAURL())
	ts.Setenv("CA_FINGERPRINT", fingerprint(ts, server.CACertFile()))
	ts.Setenv("CODEDIR", server.Codedir())
	ts.Setenv("CONTROL_REPO", server.ControlRepo())
	token, err := os.ReadFile(server.TokenFile())
	ts.Check(err)
	ts.Setenv("TOKEN", strings.TrimSpace(string(token)))
	password, err := os.ReadFile(server.PasswordFile())
	ts.Check(err)
	ts.Setenv("PASSWORD", strings.TrimSpace(string(password)))
	ts.Setenv("PRODUCTION", commit(ts, "production"))
	ts.Setenv("SHORT", commit(ts, "production")[:10])
}

// fingerprint is the SHA-256 of a certificate in a PEM file.
func fingerprint(ts *testscript.TestScript, path string) string {
	text, err := os.ReadFile(path)
	ts.Check(err)
	block, _ := pem.Decode(text)
	return fmt.Sprintf("%x", sha256.Sum256(block.Bytes))
}

// cmdExits runs a program and checks this very exit status:
//
//	exits STATUS PROGRAM ARGUMENT...
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
	demandNoSecret(ts, args, ts.ReadFile("stdout")+ts.ReadFile("stderr"))
}

// cmdComplete checks that standard output is one JSON array of these
// environments and no other, each complete and with the commit that its branch
// has in the control repo:
//
//	complete ENVIRONMENT=BRANCH...
func cmdComplete(ts *testscript.TestScript, _ bool, args []string) {
	demandComplete(ts, ts.ReadFile("stdout"), args)
}

func demandComplete(ts *testscript.TestScript, text string, args []string) {
	var list []codemanager.Deployment
	ts.Check(json.Unmarshal([]byte(text), &list))
	if len(list) != len(args) {
		ts.Fatalf("%d environments, want %d", len(list), len(args))
	}
	for i, arg := range args {
		name, branch, _ := strings.Cut(arg, "=")
		d, want := list[i], commit(ts, branch)
		if d.Environment != name || d.Status != codemanager.StatusComplete || d.DeploySignature != want {
			ts.Fatalf("%+v, want %s complete at %s", d, name, want)
		}
	}
}

// commit is the SHA of a branch of the control repo.
func commit(ts *testscript.TestScript, branch string) string {
	hash, err := Tip(ts.Getenv("CONTROL_REPO"), branch)
	ts.Check(err)
	return hash
}

// Tip is the SHA of a branch of an unpacked bare repository, read without git, which may be
// missing.
func Tip(repo, branch string) (string, error) {
	text, err := os.ReadFile(BranchFile(repo, branch))
	return strings.TrimSpace(string(text)), err
}

// BranchFile is the file of a branch in an unpacked bare repository.
func BranchFile(repo, branch string) string {
	return filepath.Join(repo, "refs", "heads", filepath.FromSlash(branch))
}

// cmdReplace puts the value of environment variables into a file:
//
//	replace FILE VARIABLE...
func cmdReplace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for _, name := range args[1:] {
		text = strings.ReplaceAll(text, "$"+name, ts.Getenv(name))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// cmdNoBrackets checks that standard error has no [ in it: scripts that merge
// the streams cut everything before the first one.
func cmdNoBrackets(ts *testscript.TestScript, _ bool, _ []string) {
	if text := ts.ReadFile("stderr"); strings.Contains(text, "[") {
		ts.Fatalf("standard error has a [:\n%s", text)
	}
}

// cmdEmpty checks that nothing is in a folder:
//
//	empty FOLDER
func cmdEmpty(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("%s has %v", args[0], entries)
	}
}

// cmdBytes writes a file of special content:
//
//	bytes FILE GO-STRING-LITERAL [TIMES]
func cmdBytes(ts *testscript.TestScript, _ bool, args []string) {
	text, err := strconv.Unquote(args[1])
	ts.Check(err)
	times := 1
	if len(args) > 2 {
		times, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(text, times)), 0o600))
}
