//go:build unix

package benchmark_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/benchmark"
)

// programs are built once, as a release builds them.
var programs = struct {
	sync.Once
	dir, puppetCode, floor, measure string
	err                             error
}{}

func TestMain(m *testing.M) {
	status := m.Run()
	_ = os.RemoveAll(programs.dir)
	os.Exit(status)
}

func build(b *testing.B) {
	b.Helper()
	programs.Do(func() {
		if programs.dir, programs.err = os.MkdirTemp("", "benchmark-"); programs.err != nil { //nolint:usetesting // for all benchmarks
			return
		}
		for path, program := range map[string]*string{
			"../../cmd/puppet-code": &programs.puppetCode, "./floor": &programs.floor, "./measure": &programs.measure,
		} {
			*program = filepath.Join(programs.dir, filepath.Base(path))
			command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", *program, path)
			command.Env = append(os.Environ(), "CGO_ENABLED=0")
			command.Stderr = os.Stderr
			if programs.err = command.Run(); programs.err != nil {
				return
			}
		}
	})
	if programs.err != nil {
		b.Fatal(programs.err)
	}
}

// contender is one way to do the work that is measured.
type contender struct {
	name    string
	command benchmark.Command
}

// compare runs the contenders in turn, b.N times after once for the caches,
// the first one now first and now last, and gives what each run took.
func compare(b *testing.B, contenders []contender) map[string][]benchmark.Measurement {
	b.Helper()
	process := exec.CommandContext(b.Context(), programs.measure)
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewReader(out)
	results := map[string][]benchmark.Measurement{}
	for i := range b.N + 1 {
		order := slices.Clone(contenders)
		if i%2 == 1 {
			slices.Reverse(order)
		}
		for name, one := range round(b, in, lines, order) {
			if i > 0 {
				results[name] = append(results[name], one)
			}
		}
	}
	_ = in.Close()
	if err := process.Wait(); err != nil {
		b.Fatal(err)
	}
	return results
}

func round(b *testing.B, in interface{ Write([]byte) (int, error) }, out *bufio.Reader, order []contender) map[string]benchmark.Measurement {
	b.Helper()
	commands := make([]benchmark.Command, len(order))
	for i, c := range order {
		commands[i] = c.command
	}
	line, err := json.Marshal(commands)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := in.Write(append(line, '\n')); err != nil {
		b.Fatal(err)
	}
	answer, err := out.ReadBytes('\n')
	if err != nil {
		b.Fatal(err)
	}
	var measured []benchmark.Measurement
	if err := json.Unmarshal(answer, &measured); err != nil {
		b.Fatal(err)
	}
	results := map[string]benchmark.Measurement{}
	for i, c := range order {
		if measured[i].Status != 0 {
			b.Fatalf("%s ends with %d", c.name, measured[i].Status)
		}
		results[c.name] = measured[i]
	}
	return results
}

func median[T interface{ ~int64 | ~float64 }](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// each takes one figure of every measurement.
func each[T any](list []benchmark.Measurement, take func(benchmark.Measurement) T) []T {
	figures := make([]T, len(list))
	for i, m := range list {
		figures[i] = take(m)
	}
	return figures
}

// ratios of two contenders, pair by pair of the same round.
func ratios(a, b []benchmark.Measurement, take func(benchmark.Measurement) time.Duration) []float64 {
	list := make([]float64, len(a))
	for i := range a {
		list[i] = float64(take(a[i])) / float64(take(b[i]))
	}
	return list
}
