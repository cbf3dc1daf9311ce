//go:build unix

package benchmark_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/puppet-code/puppet-code/pkg/benchmark"
)

// waitVariable makes the wait of BenchmarkWait as long as a real one.
const waitVariable = "PUPPET_CODE_BENCHMARK_WAIT"

// BenchmarkWait follows a deployment of 50 environments that is held, 5 s or
// what the variable says: the requests, the CPU time of the whole wait, and the
// time from the server's answer to the end of the process.
func BenchmarkWait(b *testing.B) {
	build(b)
	hold := 5 * time.Second
	if text := os.Getenv(waitVariable); text != "" {
		var err error
		if hold, err = time.ParseDuration(text); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"lines", "live"} {
		b.Run(name, func(b *testing.B) {
			server := serve(b, &canned{body: deployments(50), looks: inFlight(50), hold: hold})
			var measured []benchmark.Measurement
			var last []int64
			for range b.N {
				measured = append(measured, waitOnce(b, server, name == "live"))
				last = append(last, measured[len(measured)-1].Ended.UnixNano()-server.answered.Load())
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(hold.Seconds(), "s-of-wait")
			b.ReportMetric(float64(server.requests.Load())/float64(b.N), "requests")
			b.ReportMetric(median(each(measured, cpu)).Seconds()*1000, "cpu-ms")
			b.ReportMetric(time.Duration(median(last)).Seconds()*1000, "ms-after-answer")
		})
	}
}

// waitOnce runs the program by itself, for measure gives it no terminal.
func waitOnce(b *testing.B, server *canned, live bool) benchmark.Measurement {
	b.Helper()
	command := exec.CommandContext(b.Context(), programs.puppetCode, "deploy", "--all", "--wait", "--format", "json")
	command.Env = append(server.environment(b), "TERM=xterm")
	if live {
		terminal, end, err := pty.Open()
		if err != nil {
			b.Skip("no terminal to be had: ", err)
		}
		defer terminal.Close()
		defer end.Close()
		command.Stderr = end
		go discard(terminal)
	}
	if err := command.Run(); err != nil {
		b.Fatal(err)
	}
	m := benchmark.Of(command.ProcessState)
	m.Ended = time.Now()
	return m
}

func discard(terminal *os.File) {
	block := make([]byte, 4096)
	for {
		if _, err := terminal.Read(block); err != nil {
			return
		}
	}
}
