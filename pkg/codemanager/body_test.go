package codemanager

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestBodyAsAWhole(t *testing.T) {
	body := &Body{in: strings.NewReader(strings.Repeat("x", 1000)), left: 100, stretch: 1000}
	block := make([]byte, 10)
	for range 10 {
		if n, err := body.Read(block); n != 10 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		body.Next()
	}
	_, _ = body.Read(block) // what is one too many is seen when it is there
	if _, err := body.Read(block); err == nil || err.Error() != "more than 512 MB" {
		t.Error(err)
	}
}

func TestBodyKeepsWhatBrokeIt(t *testing.T) {
	reset := errors.New("reset")
	body := NewBody(io.MultiReader(strings.NewReader("begin"), failing{reset}))
	if _, err := io.ReadAll(body); !errors.Is(err, reset) || !errors.Is(body.broken, reset) || string(body.head) != "begin" {
		t.Errorf("%v, %v, %q", err, body.broken, body.head)
	}
}

// A server that sees its request given up may end it with an empty answer.
func TestAnswerToARequestThatWasGivenUp(t *testing.T) {
	client, err := New(Options{BaseURL: "https://primary.example.com:8170/code-manager"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	given := errors.New("given up")
	cancel(given)
	got := &answer{call: call{method: http.MethodPost, endpoint: "/deploys"}, status: 200, stream: io.NopCloser(strings.NewReader(""))}
	err = client.readStream(ctx, got, func(body *Body) error { return ReadDeployments(body, &DeploymentList{}) })
	if broken, ok := errors.AsType[*ConnectionError](err); !ok || !broken.Sent || !errors.Is(err, given) {
		t.Errorf("%T: %v", err, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
