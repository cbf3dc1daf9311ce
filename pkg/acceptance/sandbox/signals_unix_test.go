//go:build unix

package sandbox

import (
	"bufio"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// sandbox runs the command in a new session, without a terminal.
type sandbox struct {
	*exec.Cmd
	out *bufio.Reader
}

func run(t *testing.T, args ...string) *sandbox {
	t.Helper()
	command := exec.Command("code-manager-sandbox", args...)
	command.Env = append(command.Environ(), "TMPDIR="+t.TempDir())
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(30*time.Second, func() { _ = command.Process.Kill() })
	t.Cleanup(func() { killer.Stop() })
	return &sandbox{Cmd: command, out: bufio.NewReader(out)}
}

// line reads a line of standard output.
func (s *sandbox) line(t *testing.T) string {
	t.Helper()
	text, err := s.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text)
}

// end sends a signal and demands an exit status.
func (s *sandbox) end(t *testing.T, signal syscall.Signal, want int) {
	t.Helper()
	if err := s.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait()
	if got := s.ProcessState.ExitCode(); got != want {
		t.Errorf("%s: exit status %d, want %d", signal, got, want)
	}
}

func TestSignalsReachTheCommand(t *testing.T) {
	testneeds.Program(t, "sh")
	for signal, name := range map[syscall.Signal]string{
		syscall.SIGTERM: "TERM", syscall.SIGHUP: "HUP", syscall.SIGINT: "INT", syscall.SIGQUIT: "QUIT",
	} {
		t.Run(name, func(t *testing.T) {
			// The loop runs until the trap ends it, with a status of its own.
			s := run(t, "--", "sh", "-c", "trap 'exit 42' "+name+"; echo ready; n=0; while [ $n -lt 3000 ]; do sleep 0.01; n=$((n+1)); done")
			s.line(t)
			s.end(t, signal, 42)
		})
	}
}

func TestCommandEndedByASignal(t *testing.T) {
	testneeds.Program(t, "sh")
	s := run(t, "--", "sh", "-c", "echo ready; exec sleep 60")
	s.line(t)
	s.end(t, syscall.SIGTERM, 128+int(syscall.SIGTERM))
}

func TestServingEndsWithASignal(t *testing.T) {
	for signal, want := range map[syscall.Signal]int{
		syscall.SIGTERM: 0, syscall.SIGINT: 0,
		syscall.SIGHUP: 128 + int(syscall.SIGHUP), syscall.SIGQUIT: 128 + int(syscall.SIGQUIT),
	} {
		t.Run(signal.String(), func(t *testing.T) {
			s := run(t)
			if first := s.line(t); !strings.HasPrefix(first, "export PUPPET_CODE_SERVICE_URL='https://localhost:") {
				t.Errorf("standard output begins with %s", first)
			}
			s.end(t, signal, want)
		})
	}
}
