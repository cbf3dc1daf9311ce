package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

func TestMain(m *testing.M) {
	// These tests mostly wait, so more of them run in parallel, unless a flag sets the number.
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.NumCPU())); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// patience is how long a test waits for an expected event.
const patience = 2 * time.Minute

// harness is a running sandbox and a client of it.
type harness struct {
	*Server
	t      *testing.T
	token  string
	client *http.Client
	log    *lockedBuffer
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func start(t *testing.T, options Options) *harness {
	t.Helper()
	log := &lockedBuffer{}
	options.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if options.SyncInterval == 0 {
		options.SyncInterval = 5 * time.Millisecond
	}
	server, err := Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	token, err := os.ReadFile(server.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	return &harness{Server: server, t: t, token: strings.TrimSpace(string(token)), client: newClient(t, server), log: log}
}

func newClient(t *testing.T, server *Server) *http.Client {
	t.Helper()
	text, err := os.ReadFile(server.CACertFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// request makes a request to a path below the service URL, with the token.
func (h *harness) request(ctx context.Context, method, path, body string) *http.Request {
	h.t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, h.URL()+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("X-Authentication", h.token)
	request.Header.Set("Content-Type", "application/json")
	return request
}

// do sends a request and returns the status and the body.
func (h *harness) do(request *http.Request) (int, string) {
	h.t.Helper()
	response, err := h.client.Do(request)
	if err != nil {
		h.t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Error(err)
	}
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		h.t.Errorf("content type %q", kind)
	}
	return response.StatusCode, string(text)
}

// call sends a request and decodes an answer with status 200 into a T.
func call[T any](h *harness, method, path, body string) T {
	h.t.Helper()
	status, text := h.do(h.request(h.t.Context(), method, path, body))
	var value T
	if status != http.StatusOK {
		h.t.Fatalf("%s %s: status %d: %s", method, path, status, text)
	}
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		h.t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
	return value
}

// deploy posts a body and returns the deployments by environment.
func (h *harness) deploy(body string) map[string]deployment {
	h.t.Helper()
	found := map[string]deployment{}
	for _, d := range call[[]deployment](h, http.MethodPost, "/v1/deploys", body) {
		found[d.Environment] = d
	}
	return found
}

func (h *harness) deploysStatus() deploysStatus {
	h.t.Helper()
	return call[deploysStatus](h, http.MethodGet, "/v1/deploys/status", "")
}

// refused sends a request that must fail as a whole.
func (h *harness) refused(request *http.Request, status int, kind string) errorObject {
	h.t.Helper()
	got, text := h.do(request)
	var object errorObject
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		h.t.Errorf("%v: %s", err, text)
	}
	if got != status || object.Kind != kind || object.Msg == "" {
		h.t.Errorf("status %d, %s; want %d, %s", got, text, status, kind)
	}
	return object
}

// eventually polls until the condition is true.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !yes(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never happened: " + what)
		}
	}
}

func unmarshal(text []byte, value any) error { return json.Unmarshal(text, value) }
