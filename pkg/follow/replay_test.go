package follow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// The sequences of these tests have one line for each look. The server's clock shows 10:00:00 when
// the request comes; the clock of this machine shows another year. Words of a look:
//
//	queued:ENV@TIME#ID  an entry; also new, deploying, failed. Without #ID as on old servers; without
//	                    ENV it names no environment
//	staged:ENV@TIME=SIGNATURE
//	on:HOST@TIME[+][,ENV=SIGNATURE[@TIME]...]
//	                    a compiler and its check-in, "never" for none; + is in sync. Without @TIME its
//	                    date is that of staging, if the signature is the same
//	date:TIME           the Date of the answer, "none" for none. It is the server's clock otherwise
//	slow:DURATION       the answer comes after this time
//	suspended:DURATION  the machine was suspended for this time before it sent this look
//	null:LIST           deploys, new, queued, deploying, failed, storage or clients is null
//
// or, alone: down, nothing (no answer in time), html, or an HTTP status, as 429/60 with Retry-After.
type sequence struct {
	// first is the look before the request. "" is an empty estate.
	first string
	// held is when the request ends, and end how: an answer as JSON, or the name of an error below.
	held time.Duration
	end  string
	// looks are those after the request; the last is repeated.
	looks []string
}

// replay is a server that answers by a sequence.
type replay struct {
	mu      sync.Mutex
	t       *testing.T
	seq     sequence
	deploys int
	// asked are the times of the looks after the request; began is the time of the request.
	asked  []time.Duration
	began  time.Time
	inside int
	// suspended is for how long the machine was suspended: the wall clock went on.
	suspended atomic.Int64
}

// duration is the value of a word of a look, 0 without the word.
func (r *replay) duration(line, word string) time.Duration {
	_, rest, found := strings.Cut(line, word+":")
	if !found {
		return 0
	}
	d, err := time.ParseDuration(strings.Fields(rest)[0])
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// wall is the wall clock of this machine.
func (r *replay) wall() time.Time { return time.Now().Round(0).Add(time.Duration(r.suspended.Load())) }

func (r *replay) Deploy(ctx context.Context, req codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	if !req.Wait {
		r.t.Error("the request does not wait")
	}
	r.mu.Lock()
	r.deploys, r.began = r.deploys+1, time.Now()
	r.mu.Unlock()
	select {
	case <-time.After(r.seq.held):
	case <-ctx.Done():
		return nil, &codemanager.ConnectionError{Sent: true, Err: context.Cause(ctx)}
	}
	if err := endings[r.seq.end]; err != nil {
		return nil, err
	}
	var list []codemanager.Deployment
	for _, words := range strings.Split(r.seq.end, ";") {
		f := strings.Fields(words)
		list = append(list, codemanager.Deployment{Environment: f[0], Status: codemanager.Status(f[1]), DeploySignature: strings.Join(f[2:], "")})
	}
	return list, nil
}

// endings are how a request ends without an answer.
var endings = map[string]error{
	"reset":   &codemanager.ConnectionError{Method: "POST", Sent: true, Err: errors.New("connection reset")},
	"refused": &codemanager.ConnectionError{Method: "POST", Err: errors.New("connection refused")},
	"500":     &codemanager.APIError{StatusCode: 500, Snippet: "<html>"},
	"502":     &codemanager.APIError{StatusCode: 502},
	"503":     &codemanager.APIError{StatusCode: 503},
	"504":     &codemanager.APIError{StatusCode: 504},
	"408":     &codemanager.APIError{StatusCode: 408},
	"524":     &codemanager.APIError{StatusCode: 524},
	"504json": &codemanager.APIError{StatusCode: 504, Kind: "gateway/timeout", Message: "upstream timed out"},
	"html":    &codemanager.ResponseError{StatusCode: 200, Err: errors.New("expected JSON")},
	"302":     &codemanager.ResponseError{StatusCode: 302, Err: errors.New("a redirect")},
	"collect": &codemanager.APIError{StatusCode: 503, Kind: "puppetlabs.code-manager/collect-failed"},
	"401":     &codemanager.APIError{StatusCode: 401, Kind: "puppetlabs.rbac/token-expired"},
}

func (r *replay) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	line, sent, leave := r.enter()
	defer leave()
	status, retryAfter, _ := strings.Cut(line, "/")
	if code, err := strconv.Atoi(status); err == nil {
		seconds, _ := strconv.Atoi(retryAfter)
		if code >= 300 && code < 400 {
			return nil, &codemanager.ResponseError{StatusCode: code, Err: errors.New("a redirect")}
		}
		return nil, &codemanager.APIError{StatusCode: code, RetryAfter: time.Duration(seconds) * time.Second}
	}
	switch line {
	case "down":
		return nil, &codemanager.ConnectionError{Err: errors.New("connection refused")}
	case "nothing":
		<-ctx.Done()
		return nil, &codemanager.ConnectionError{Sent: true, Err: context.Cause(ctx)}
	case "html":
		return nil, &codemanager.ResponseError{StatusCode: http.StatusOK, Err: errors.New("expected JSON")}
	}
	answer := parseLook(r.t, line)
	r.suspended.Add(int64(r.duration(line, "suspended")))
	time.Sleep(r.duration(line, "slow"))
	if !strings.Contains(line, "date:") {
		answer.Date = clock("10:00:00")
		if !sent.IsZero() {
			answer.Date = answer.Date.Add(time.Since(sent)).Truncate(time.Second)
		}
	}
	return answer, nil
}

// enter begins a look. It returns the line to answer with, and when the request was sent, if it
// was.
func (r *replay) enter() (line string, sent time.Time, leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inside++; r.inside > 1 {
		r.t.Error("two looks at once")
	}
	line = r.seq.first
	if r.deploys > 0 {
		sent = r.began
		r.asked = append(r.asked, time.Since(sent))
		line = r.seq.looks[min(len(r.asked), len(r.seq.looks))-1]
	}
	return line, sent, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.inside--
	}
}

func emptyStatus() *codemanager.DeploysStatus {
	return &codemanager.DeploysStatus{
		Deploys: codemanager.DeploysQueue{
			New: []codemanager.QueuedDeploy{}, Queued: []codemanager.QueuedDeploy{},
			Deploying: []codemanager.QueuedDeploy{}, Failed: []codemanager.QueuedDeploy{},
		},
		Storage: codemanager.FileSyncStorage{Deployed: []codemanager.DeployedEnvironment{}},
		Clients: codemanager.FileSyncClientSet{Clients: map[string]codemanager.FileSyncClient{}},
	}
}

func parseLook(t *testing.T, line string) *codemanager.DeploysStatus {
	t.Helper()
	status := emptyStatus()
	q := &status.Deploys
	lists := map[string]*[]codemanager.QueuedDeploy{"new": &q.New, "queued": &q.Queued, "deploying": &q.Deploying, "failed": &q.Failed}
	for _, word := range strings.Fields(line) {
		kind, rest, _ := strings.Cut(word, ":")
		name, value, _ := strings.Cut(rest, "@")
		switch kind {
		case "staged":
			at, signature, _ := strings.Cut(value, "=")
			status.Storage.Deployed = append(status.Storage.Deployed, codemanager.DeployedEnvironment{
				Environment: name, Date: stamp(at), DeploySignature: signature,
			})
		case "on":
			status.Clients.Clients[name] = parseCompiler(value, status.Storage.Deployed)
		case "date":
			if rest != "none" {
				status.Date = clock(rest)
			}
		case "slow", "suspended":
		case "null":
			setNull(status, lists, rest)
		case "new", "queued", "deploying", "failed":
			at, id, _ := strings.Cut(value, "#")
			d := codemanager.QueuedDeploy{Environment: name, QueuedAt: stamp(at), ID: codemanager.ID(id)}
			if kind == "failed" {
				d.Error = &codemanager.ErrorObject{Msg: "failure of " + at}
			}
			*lists[kind] = append(*lists[kind], d)
		default:
			t.Fatalf("%q is no word of a look", word)
		}
	}
	return status
}

func setNull(status *codemanager.DeploysStatus, lists map[string]*[]codemanager.QueuedDeploy, name string) {
	switch name {
	case "deploys":
		status.Deploys = codemanager.DeploysQueue{}
	case "storage":
		status.Storage = codemanager.FileSyncStorage{}
	case "clients":
		status.Clients = codemanager.FileSyncClientSet{}
	default:
		*lists[name] = nil
	}
}

func parseCompiler(text string, staged []codemanager.DeployedEnvironment) codemanager.FileSyncClient {
	at, list, _ := strings.Cut(text, ",")
	at, synced := strings.CutSuffix(at, "+")
	c := codemanager.FileSyncClient{Synced: synced}
	if at != "never" {
		t := stamp(at)
		c.LastCheckIn = &t
	}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		name, value, _ := strings.Cut(item, "=")
		signature, date, _ := strings.Cut(value, "@")
		d := codemanager.DeployedEnvironment{Environment: name, DeploySignature: signature, Date: stamp(date)}
		for _, s := range staged {
			if date == "" && s.Environment == name && s.DeploySignature == signature {
				d.Date = s.Date
			}
		}
		c.Deployed = append(c.Deployed, d)
	}
	return c
}

func clock(text string) time.Time {
	at, ok := stamp(text).Time()
	if !ok {
		panic(text + " is no time")
	}
	return at
}

func stamp(clock string) codemanager.Timestamp {
	if clock == "" {
		return ""
	}
	return codemanager.Timestamp("2031-07-09T" + clock + "Z")
}

// replayed is how a sequence ended.
type replayed struct {
	outcome string
	took    time.Duration
	// waited is the time before the request.
	waited time.Duration
	state  *follow.State
	events []follow.Event
	err    error
	*replay
}

// run replays a sequence. Without names it deploys all environments. It ends a wait after two
// hours.
func run(t *testing.T, seq sequence, names ...string) replayed {
	t.Helper()
	return runFor(t, 2*time.Hour, seq, names...)
}

func runFor(t *testing.T, limit time.Duration, seq sequence, names ...string) (result replayed) {
	t.Helper()
	r := &replay{t: t, seq: seq}
	result.replay = r
	synctest.Test(t, func(t *testing.T) {
		opts := follow.Options{Wall: r.wall, Observe: func(e follow.Event) { result.events = append(result.events, e) }}
		req := codemanager.DeployRequest{Environments: names, DeployAll: len(names) == 0}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		start := time.Now()
		var list []codemanager.Deployment
		list, result.state, result.err = follow.Deploy(ctx, r, req, opts)
		r.mu.Lock()
		defer r.mu.Unlock()
		result.took, result.waited = time.Since(r.began), r.began.Sub(start)
		result.outcome = outcome(list, result.state, result.err)
	})
	if r.deploys != 1 {
		t.Errorf("the deployment was sent %d times", r.deploys)
	}
	return result
}

func outcome(list []codemanager.Deployment, state *follow.State, err error) string {
	if _, ok := errors.AsType[*follow.UnknownError](err); ok {
		return "unknown: " + summary(state.Deployments())
	}
	if _, ok := errors.AsType[*follow.UnfinishedError](err); ok {
		return "unfinished: " + summary(state.Deployments())
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return summary(list)
}

func summary(list []codemanager.Deployment) string {
	var words []string
	for _, d := range list {
		word := strings.TrimSpace(d.Environment + " " + string(d.Status))
		if d.DeploySignature != "" {
			word += " " + d.DeploySignature
		}
		if d.ID != "" {
			word += " #" + string(d.ID)
		}
		if d.Error != nil && d.Error.Msg != "" {
			word += fmt.Sprintf(" (%s)", d.Error.Msg)
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

// outcomes runs a table of sequences.
type outcomes map[string]struct {
	seq   sequence
	names string // of environments, separated by spaces; "" is all
	want  string
}

func (table outcomes) run(t *testing.T) {
	t.Helper()
	for name, test := range table {
		t.Run(name, func(t *testing.T) {
			got := run(t, test.seq, strings.Fields(test.names)...)
			if got.outcome != test.want {
				t.Errorf("got %q, want %q; after %s and %d looks (%v)", got.outcome, test.want, got.took, len(got.asked), got.err)
			}
		})
	}
}
