//go:build unix

package benchmark_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/benchmark"
)

func wall(m benchmark.Measurement) time.Duration { return m.Wall }
func cpu(m benchmark.Measurement) time.Duration  { return m.CPU }
func peak(m benchmark.Measurement) int64         { return m.Peak }

// work is one row of docs/inside/performance.md.
type work struct {
	name         string
	args         string
	method, path string
	send         string
	body         []byte
	// looks is the answer to requests of deploys/status, nil if no request is expected.
	looks []byte
	// rsa is true for a server with a certificate as Puppet makes them.
	rsa bool
	// reformat is true where curl alone does not write what puppet-code does.
	reformat bool
}

func works() []work {
	const deploy, wait, table, asJSON = "deploy --all", " --wait", " --format table", " --format json"
	list := []work{
		{name: "deploy 5 json", args: deploy + asJSON, body: deployments(5), reformat: true},
		{name: "deploy 5 table", args: deploy + table, body: deployments(5)},
		{name: "wait 5 json", args: deploy + wait + asJSON, body: deployments(5), looks: status(3, 5), reformat: true},
		{name: "wait 5 table", args: deploy + wait + table, body: deployments(5), looks: status(3, 5)},
		{name: "wait 5 json rsa", args: deploy + wait + asJSON, body: deployments(5), looks: status(3, 5), reformat: true, rsa: true},
		{name: "deploy 1000 json", args: deploy + asJSON, body: deployments(1000), reformat: true},
		{name: "deploy 10000 json", args: deploy + asJSON, body: deployments(10_000), reformat: true},
		{name: "deploy 10000 table", args: deploy + table, body: deployments(10_000)},
		{name: "status deploys 20x200 json", args: "status deploys" + asJSON, body: status(20, 200), reformat: true},
		{name: "status deploys 20x200 table", args: "status deploys" + table, body: status(20, 200)},
		{name: "status deploys 200x1000 json", args: "status deploys" + asJSON, body: status(200, 1000), reformat: true},
		{name: "status deploys 200x1000 table", args: "status deploys" + table, body: status(200, 1000)},
	}
	for i := range list {
		w := &list[i]
		switch {
		case strings.HasPrefix(w.args, "status"):
			w.method, w.path = "GET", "/v1/deploys/status"
		case w.looks != nil:
			w.method, w.path, w.send = "POST", "/v1/deploys", `{"deploy-all":true,"wait":true}`
		default:
			w.method, w.path, w.send = "POST", "/v1/deploys", `{"deploy-all":true}`
		}
	}
	return list
}

// BenchmarkAgainst prints ratios of puppet-code to the floor and to curl: the
// medians of rounds in which each runs once.
func BenchmarkAgainst(b *testing.B) {
	build(b)
	for _, w := range works() {
		b.Run(strings.ReplaceAll(w.name, " ", "-"), func(b *testing.B) {
			server := serve(b, &canned{body: w.body, looks: w.looks, rsa: w.rsa})
			contenders := w.contenders(b, server)
			w.check(b, contenders)
			b.ResetTimer()
			report(b, compare(b, contenders))
		})
	}
}

func (w work) contenders(b *testing.B, server *canned) []contender {
	env := server.environment(b)
	list := []contender{
		{"puppet-code", benchmark.Command{Args: append([]string{programs.puppetCode}, strings.Fields(w.args)...), Env: env}},
		{"floor", benchmark.Command{Args: []string{programs.floor, server.caFile, w.method, server.url + w.path, w.send}, Env: env}},
	}
	if w.looks != nil {
		list[1].command.Args = append(list[1].command.Args, server.url+"/v1/deploys/status")
	}
	curl := fmt.Sprintf("curl -sS --cacert '%s' -X %s -H \"X-Authentication: $PUPPET_CODE_TOKEN\" -H 'Content-Type: application/json'", server.caFile, w.method)
	if w.send != "" {
		curl += fmt.Sprintf(" -d '%s'", w.send)
	}
	curl += " '" + server.url + w.path + "'"
	if w.reformat {
		curl += " | jq ."
	}
	for _, program := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Logf("not against curl: %v", err)
			return list
		}
	}
	return append(list, contender{"curl", benchmark.Command{Args: []string{"sh", "-c", curl}, Env: env}})
}

// check verifies that all contenders write the same.
func (w work) check(b *testing.B, contenders []contender) {
	b.Helper()
	var want jsontext.Value
	for i, c := range contenders {
		command := exec.CommandContext(b.Context(), c.command.Args[0], c.command.Args[1:]...)
		command.Env = c.command.Env
		out, err := command.Output()
		if err != nil {
			b.Fatalf("%s: %v: %s", c.name, err, out)
		}
		got := jsontext.Value(out)
		if i == 0 && !w.reformat {
			if !strings.Contains(string(out), "feature_ticket_4 ") && !strings.Contains(string(out), "compiler19") {
				b.Fatalf("no table: %.200s", out)
			}
			continue
		}
		if err := got.Canonicalize(); err != nil {
			b.Fatalf("%s writes no JSON: %v", c.name, err)
		}
		if want == nil {
			want = got
		}
		if string(got) != string(want) {
			b.Fatalf("%s writes something else", c.name)
		}
	}
}

func report(b *testing.B, results map[string][]benchmark.Measurement) {
	ours := results["puppet-code"]
	b.ReportMetric(0, "ns/op") // of a whole round, which says nothing
	b.ReportMetric(median(each(ours, wall)).Seconds()*1000, "ms")
	b.ReportMetric(median(each(ours, cpu)).Seconds()*1000, "cpu-ms")
	b.ReportMetric(float64(median(each(ours, peak)))/1e6, "MB")
	for _, other := range []string{"floor", "curl"} {
		if theirs := results[other]; theirs != nil {
			b.ReportMetric(median(ratios(ours, theirs, wall)), "wall/"+other)
			b.ReportMetric(median(ratios(ours, theirs, cpu)), "cpu/"+other)
		}
	}
	b.ReportMetric(float64(median(each(results["floor"], peak)))/1e6, "floor-MB")
}

// BenchmarkStart is the time until help and version are there.
func BenchmarkStart(b *testing.B) {
	build(b)
	for _, argument := range []string{"--version", "--help"} {
		b.Run(strings.TrimLeft(argument, "-"), func(b *testing.B) {
			env := []string{"HOME=" + b.TempDir()}
			results := compare(b, []contender{{"puppet-code", benchmark.Command{Args: []string{programs.puppetCode, argument}, Env: env}}})
			ours := results["puppet-code"]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(each(ours, wall)).Seconds()*1000, "ms")
			b.ReportMetric(median(each(ours, cpu)).Seconds()*1000, "cpu-ms")
			b.ReportMetric(float64(median(each(ours, peak)))/1e6, "MB")
		})
	}
}

// BenchmarkSize gives the size of the release binary.
func BenchmarkSize(b *testing.B) {
	build(b)
	info, err := os.Stat(filepath.Clean(programs.puppetCode))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}
