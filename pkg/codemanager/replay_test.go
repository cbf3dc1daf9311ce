package codemanager_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// The sequences here are written as one line a look: when the server answers
// it counts from the request, and what it says then. The server's clock shows
// 10:00:00 when the request comes; the clock of this machine shows another
// year. Words of a look:
//
//	queued:ENV@TIME#ID  the same with new, deploying, failed; without #ID on old servers
//	staged:ENV@TIME=SIGNATURE
//	on:HOST@TIME[,ENV=SIGNATURE...]   a compiler; @never checked in
//	down, 502, 401                    no answer, or this one
type sequence struct {
	// held is how the request that waits ends, and when.
	heldFor time.Duration
	heldErr error
	answer  string
	looks   []string
}

// replay is an API that answers as a sequence says. A look that comes later
// than the last of the sequence gets the last again.
type replay struct {
	t       *testing.T
	seq     sequence
	deploys int
	asked   []time.Duration
	began   time.Time
	inside  int
}

func (r *replay) StreamDeploy(ctx context.Context, req codemanager.DeployRequest, results codemanager.Results) error {
	r.deploys++
	if !req.Wait {
		r.t.Error("the request does not wait")
	}
	select {
	case <-time.After(r.seq.heldFor):
	case <-ctx.Done():
		return &codemanager.ConnectionError{Sent: true, Err: context.Cause(ctx)}
	}
	if r.seq.heldErr != nil {
		// Half of an answer, which must not be in the outcome.
		_ = results.Add(codemanager.Deployment{Environment: "half"}, jsontext.Value(`{"environment":"half"}`))
		return r.seq.heldErr
	}
	return codemanager.ReadDeployments(strings.NewReader(r.seq.answer), results)
}

func (r *replay) DeploysStatus(context.Context) (*codemanager.Snapshot, error) {
	r.inside++
	defer func() { r.inside-- }()
	if r.inside > 1 {
		r.t.Error("two looks at once")
	}
	r.asked = append(r.asked, time.Since(r.began))
	line := r.seq.looks[min(len(r.asked), len(r.seq.looks))-1]
	switch line {
	case "down":
		return nil, &codemanager.ConnectionError{Err: errors.New("refused")}
	case "502":
		return nil, &codemanager.APIError{StatusCode: 502}
	case "401":
		return nil, &codemanager.APIError{StatusCode: 401, Kind: "k"}
	}
	return parseLook(r.t, line), nil
}

func parseLook(t *testing.T, line string) *codemanager.Snapshot {
	t.Helper()
	status := codemanager.DeploysStatus{Clients: codemanager.FileSyncClientSet{Clients: map[string]codemanager.FileSyncClient{}}}
	for _, word := range strings.Fields(line) {
		kind, rest, _ := strings.Cut(word, ":")
		name, rest, _ := strings.Cut(rest, "@")
		switch kind {
		case "staged":
			at, signature, _ := strings.Cut(rest, "=")
			status.Storage.Deployed = append(status.Storage.Deployed, codemanager.DeployedEnvironment{
				Environment: name, Date: stamp(at), DeploySignature: signature,
			})
		case "on":
			status.Clients.Clients[name] = parseCompiler(rest)
		default:
			at, id, hasID := strings.Cut(rest, "#")
			d := codemanager.QueuedDeploy{Environment: name, QueuedAt: stamp(at)}
			if hasID {
				d.ID = new(int64)
				if _, err := fmt.Sscan(id, d.ID); err != nil {
					t.Fatal(err)
				}
			}
			lists := map[string]*[]codemanager.QueuedDeploy{
				"new": &status.Deploys.New, "queued": &status.Deploys.Queued,
				"deploying": &status.Deploys.Deploying, "failed": &status.Deploys.Failed,
			}
			if kind == "failed" {
				d.Error = &codemanager.ErrorObject{Msg: "failure of " + at}
			}
			*lists[kind] = append(*lists[kind], d)
		}
	}
	text, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := codemanager.ReadSnapshot(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func parseCompiler(rest string) codemanager.FileSyncClient {
	at, list, _ := strings.Cut(rest, ",")
	c := codemanager.FileSyncClient{}
	if at != "never" {
		t := stamp(at)
		c.LastCheckIn = &t
	}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		name, signature, _ := strings.Cut(item, "=")
		c.Deployed = append(c.Deployed, codemanager.DeployedEnvironment{Environment: name, DeploySignature: signature})
	}
	return c
}

func stamp(clock string) codemanager.Timestamp {
	return codemanager.Timestamp("2031-07-09T" + clock + "Z")
}

var (
	reset      = &codemanager.ConnectionError{Method: "POST", Sent: true, Err: errors.New("connection reset")}
	badGateway = &codemanager.APIError{StatusCode: 502}
	gatewayOut = &codemanager.APIError{StatusCode: 504}
)

// follow runs a sequence to its end.
func follow(t *testing.T, seq sequence, names ...string) (outcome string, r *replay, events []codemanager.Event, err error) {
	t.Helper()
	r = &replay{t: t, seq: seq}
	synctest.Test(t, func(*testing.T) {
		r.began = time.Now()
		f := codemanager.Follower{API: r, Observe: func(e codemanager.Event) { events = append(events, e) }}
		req := codemanager.DeployRequest{Environments: names, DeployAll: len(names) == 0}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
		defer cancel()
		var list codemanager.DeploymentList
		err = f.Run(ctx, req, &list)
		outcome = summary(list)
	})
	if r.deploys != 1 {
		t.Errorf("the deployment was sent %d times", r.deploys)
	}
	return outcome, r, events, err
}

func summary(list []codemanager.Deployment) string {
	var words []string
	for _, d := range list {
		word := d.Environment + " " + string(d.Status)
		if d.DeploySignature != "" {
			word += " " + d.DeploySignature
		}
		if d.ID != nil {
			word += " #" + codemanager.FormatID(d.ID)
		}
		if d.Error != nil && d.Error.Msg != "" {
			word += " (" + d.Error.Msg + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}
