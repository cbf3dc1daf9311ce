package codemanager_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// seen keeps what Results are given.
type seen struct {
	list []codemanager.Deployment
	raw  []string
	err  error
}

func (s *seen) Add(d codemanager.Deployment, raw jsontext.Value) error {
	s.list, s.raw = append(s.list, d), append(s.raw, string(raw))
	return s.err
}

func (s *seen) Reset() { *s = seen{} }

func TestReadDeployments(t *testing.T) {
	const first = `{ "id" : 7, "environ\u006dent":"caf\u00e9", "status":"paused", "file-sync":{"code-commit":"c"}, "deploy-signature":null, "new-key":[1] }`
	const second = `{"environment":"b","status":"failed","error":{"kind":"k","msg":"m","details":{"corrected-name":"c"}},"id":null}`
	var got seen
	if err := codemanager.ReadDeployments(strings.NewReader(" [\n"+first+" , "+second+" ]\n"), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.list) != 2 || got.raw[0] != first || got.raw[1] != second {
		t.Fatalf("%q", got.raw)
	}
	a, b := got.list[0], got.list[1]
	if a.Environment != "café" || *a.ID != 7 || a.Status != "paused" || a.DeploySignature != "" || a.Failed() {
		t.Errorf("%+v", a)
	}
	if b.Environment != "b" || b.ID != nil || !b.Failed() || b.Error.Msg != "m" || b.Error.CorrectedName() != "c" {
		t.Errorf("%+v", b)
	}
}

func TestReadDeploymentsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"environment":"a"}`:     "an object where an array is due",
		`"x"`:                     "a string where an array is due",
		`[{"environment":"a"},5]`: "unexpected a number at /1",
		`[{"status":"complete"}]`: "no environment is named at /0",
		`[{"environment":"","status":"complete"}]`:                         "no environment is named at /0",
		`[{"environment":"a","status":"complete","status":"failed"}]`:      `the name "status" comes twice at /0`,
		`[{"environment":"a","status":"failed","st\u0061tus":"complete"}]`: `the name "status" comes twice at /0`,
		`[{"environment":5}]`:                                         "unexpected a number at /0/environment",
		`[{"environment":"a","id":"5"}]`:                              "unexpected a string at /0/id",
		`[{"environment":"a","id":1.5}]`:                              "unexpected a number at /0/id",
		`[{"environment":"a","status":true}]`:                         "unexpected a boolean at /0/status",
		`[{"environment":"a"},{"environment":"b","error":{"msg":5}}]`: "unexpected a number at /1/error/msg",
		`[{"environment":"a","error":"x"}]`:                           "unexpected a string at /0/error",
		`[{"environment":"a"}] []`:                                    "something follows the array",
	} {
		err := codemanager.ReadDeployments(strings.NewReader(text), &seen{})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{`[`, `[{"environment":"a"}`, `[{"environment":"a"},`, `[{"environment":"a`, ``} {
		if err := codemanager.ReadDeployments(strings.NewReader(text), &seen{}); err == nil {
			t.Errorf("%q is an answer", text)
		}
	}
}

func TestReadDeploymentsEndsWithTheErrorOfResults(t *testing.T) {
	full := errors.New("full")
	got := &seen{err: full}
	err := codemanager.ReadDeployments(strings.NewReader(`[{"environment":"a"},{"environment":"b"}]`), got)
	if !errors.Is(err, full) || len(got.list) != 1 {
		t.Errorf("%d were given, %v", len(got.list), err)
	}
}

// endless repeats a text for ever, after a beginning.
type endless struct {
	begin, text string
	count       int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.begin != "" {
		n := copy(p, e.begin)
		e.begin = e.begin[n:]
		return n, nil
	}
	n := copy(p, strings.Repeat(e.text, len(p)/len(e.text)+1)[:len(p)/len(e.text)*len(e.text)])
	e.count += int64(n)
	return n, nil
}

// nothing counts what it is given.
type nothing int

func (n *nothing) Add(codemanager.Deployment, jsontext.Value) error { *n++; return nil }
func (n *nothing) Reset()                                           { *n = 0 }

// An element has a bound of its own: a decoder holds all of one.
func TestBoundsOfAnAnswer(t *testing.T) {
	text := &endless{begin: `["`, text: "x"}
	err := codemanager.ReadDeployments(text, new(nothing))
	if err == nil || !strings.Contains(err.Error(), "more than 16 MB in one piece") || text.count > 20<<20 {
		t.Errorf("after %d MB: %v", text.count>>20, err)
	}
	// Many of them may be more than that together.
	const one, many = `{"environment":"production","status":"complete"}`, 400_000
	all := io.MultiReader(strings.NewReader("["+one), io.LimitReader(&endless{text: "," + one}, (many-1)*int64(len(one)+1)), strings.NewReader("]"))
	var count nothing
	if err := codemanager.ReadDeployments(all, &count); err != nil || count != many {
		t.Errorf("%d of %d: %v", count, many, err)
	}
	if _, err := codemanager.ReadSnapshot(&endless{begin: `{"x":"`, text: "y"}); err == nil || !strings.Contains(err.Error(), "more than 16 MB in one piece") {
		t.Errorf("a status of one text: %v", err)
	}
}
