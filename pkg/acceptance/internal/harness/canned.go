package harness

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// scriptState is the shared state of the commands in one script.
type scriptState struct {
	servers map[string]*cannedServer
	signal  *exec.Cmd
	// sandbox are the options of each sandbox, to which a script adds its own.
	sandbox sandbox.Options
}

type stateKey struct{}

func state(ts *testscript.TestScript) *scriptState { return ts.Value(stateKey{}).(*scriptState) }

// cannedServer answers every request in the same way, and counts all requests and those to deploy.
type cannedServer struct {
	settings map[string]string
	body     string
	requests atomic.Int32
	posts    atomic.Int32
	arrived  chan struct{}
	release  chan struct{}
	token    atomic.Bool
}

// cmdServe starts a server that answers every request in the same way, and
// points puppet-code at it:
//
//	serve [KEY=VALUE...]
//
//	status=N       the HTTP status, 200 by default
//	type=TEXT      the Content-Type, application/json by default
//	body=FILE      the body, empty by default
//	location=URL   the header Location
//	cut=true       announces a longer body than it sends
//	echo=true      an error object with the token in it
//	repeat=true    the body of the request and its path
//	drop=true      closes the connection instead of answering
//	hang=true      never answers
//	cert=KIND      as package testtls has them, good by default
//	ca=foreign     lets puppet-code trust another authority
//	hang=post      answers no POST, and nothing else either but 404
//	plain=true     speaks HTTP
//	as=NAME        does not point puppet-code at it, but sets NAME_URL
func cmdServe(ts *testscript.TestScript, _ bool, args []string) {
	s := &cannedServer{settings: map[string]string{}, arrived: make(chan struct{}, 1000), release: make(chan struct{})}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		s.settings[key] = value
	}
	if file := s.settings["body"]; file != "" {
		s.body = ts.ReadFile(file)
	}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if s.settings["plain"] != "" {
		server.Start()
	} else {
		startTLS(ts, s, server)
	}
	ts.Defer(func() { close(s.release); server.CloseClientConnections(); server.Close() })
	address := strings.Replace(server.URL, "http://", "https://", 1) + "/code-manager"
	if name := s.settings["as"]; name != "" {
		ts.Setenv(name+"_URL", address)
		state(ts).servers[name] = s
		return
	}
	state(ts).servers["main"] = s
	ts.Setenv("PUPPET_CODE_SERVICE_URL", address)
	ts.Setenv("PUPPET_CODE_RBAC_URL", strings.TrimSuffix(address, "/code-manager")+"/rbac-api")
	token := ts.MkAbs("the-token")
	ts.Check(os.WriteFile(token, []byte(RawToken+"\n"), 0o600))
	ts.Setenv("PUPPET_CODE_TOKEN_FILE", token)
}

func startTLS(ts *testscript.TestScript, s *cannedServer, server *httptest.Server) {
	kind := s.settings["cert"]
	if kind == "" {
		kind = "good"
	}
	template, err := testtls.Template(kind)
	ts.Check(err)
	ca := authority(ts, "ca")
	server.TLS, err = ca.Config(template)
	ts.Check(err)
	server.StartTLS()
	if s.settings["ca"] == "foreign" {
		ca = authority(ts, "foreign")
	}
	ts.Setenv("PUPPET_CODE_CACERT", ca.File)
}

func authority(ts *testscript.TestScript, name string) *testtls.Authority {
	dir := filepath.Join(ts.Getenv("WORK"), name)
	ts.Check(os.MkdirAll(dir, 0o700))
	ca, err := testtls.NewAuthority(dir)
	ts.Check(err)
	return ca
}

func (s *cannedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	if r.Method == http.MethodPost {
		s.posts.Add(1)
	}
	if r.Header.Get("X-Authentication") != "" {
		s.token.Store(true)
	}
	sent, _ := io.ReadAll(r.Body)
	if hang := s.settings["hang"]; hang == "post" && r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	} else if s.arrived <- struct{}{}; hang != "" {
		<-s.release
		return
	}
	w.Header()["Date"] = nil // the answers are of another time
	switch {
	case s.settings["echo"] != "":
		s.body = fmt.Sprintf(`{"kind":"k","msg":"headers: %s","details":{"headers":"%s"}}`,
			r.Header.Get("X-Authentication"), r.Header.Get("X-Authentication"))
	case s.settings["repeat"] != "":
		s.body = string(sent) + r.URL.Path
	case s.settings["drop"] != "":
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if text, ok := s.settings["type"]; ok {
		header.Set("Content-Type", text)
	}
	if location := s.settings["location"]; location != "" {
		header.Set("Location", location)
	}
	if s.settings["cut"] != "" {
		header.Set("Content-Length", strconv.Itoa(len(s.body)+100))
	}
	status := http.StatusOK
	if text := s.settings["status"]; text != "" {
		status, _ = strconv.Atoi(text)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, s.body)
}

// cmdRequests checks that a server got this many requests:
//
//	requests N [NAME]
func cmdRequests(ts *testscript.TestScript, _ bool, args []string) {
	name := "main"
	if len(args) > 1 {
		name = args[1]
	}
	s := state(ts).servers[name]
	if got := strconv.Itoa(int(s.requests.Load())); got != args[0] {
		ts.Fatalf("%s got %s requests, want %s", name, got, args[0])
	}
	if name != "main" && s.token.Load() {
		ts.Fatalf("%s got the token", name)
	}
}

// cmdPosts checks that the server got this many requests to deploy, whatever else:
//
//	posts N
func cmdPosts(ts *testscript.TestScript, _ bool, args []string) {
	if got := strconv.Itoa(int(state(ts).servers["main"].posts.Load())); got != args[0] {
		ts.Fatalf("main got %s POST requests, want %s", got, args[0])
	}
}

// cmdInterrupt sends a signal to the one program in the background, when the
// server has got its request:
//
//	interrupt SIGINT|SIGTERM|SIGHUP|SIGQUIT
func cmdInterrupt(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "SIGQUIT": syscall.SIGQUIT}
	select {
	case <-state(ts).servers["main"].arrived:
	case <-time.After(30 * time.Second):
		ts.Fatalf("no request in 30 s")
	}
	command := ts.BackgroundCmds()[0]
	for _, file := range []string{"cmdline", "environ"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", command.Process.Pid, file))
		if err == nil && Leaked(string(text), RawToken) != "" {
			ts.Fatalf("the token is in %s of the process", file)
		}
	}
	state(ts).signal = command
	ts.Check(command.Process.Signal(signals[args[0]]))
}

// unignore restores signals that the parent of the tests ignores, as nohup does, for the programs
// that the tests start. A signal that the tests handle has its default action in a new program.
func unignore() {
	received := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		if signal.Ignored(s) {
			signal.Notify(received, s)
		}
	}
}

// cmdEnded checks the exit status of the program that was interrupted, once
// the script has waited for it:
//
//	ended STATUS
func cmdEnded(ts *testscript.TestScript, _ bool, args []string) {
	demandNoSecret(ts, state(ts).signal.Args, ts.ReadFile("stdout")+ts.ReadFile("stderr"))
	if got := strconv.Itoa(state(ts).signal.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// freePort is a port on the loopback interface on which nothing listens.
func freePort(ts *testscript.TestScript) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer listener.Close()
	return listener.Addr().String()
}

// cmdClosedPort points puppet-code at a port on which nothing listens.
func cmdClosedPort(ts *testscript.TestScript, _ bool, _ []string) {
	address, release, err := ClosedPort()
	ts.Check(err)
	ts.Defer(release)
	ts.Setenv("PUPPET_CODE_SERVICE_URL", "https://"+address+"/code-manager")
}

// ClosedPort is the address of a port on which nothing listens. It is that of the client of a
// connection, so nobody else gets it until it is released.
func ClosedPort() (address string, release func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return "", nil, errors.Join(err, listener.Close())
	}
	return client.LocalAddr().String(), func() { _ = errors.Join(client.Close(), listener.Close()) }, nil
}
