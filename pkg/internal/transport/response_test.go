package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/service"
)

const token = "0Vs1xO-test_token"

// answer asks for an answer with this body, which has no length.
func answer(t testing.TB, status int, body io.Reader) (*Response, error) {
	t.Helper()
	return request(t.Context(), t, status, body)
}

func request(ctx context.Context, t testing.TB, status int, body io.Reader) (*Response, error) {
	t.Helper()
	client, err := New(service.Options{
		BaseURL: "https://primary.example.com:8170/code-manager", Token: token,
		RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Do(ctx, Request{Method: http.MethodPost, Path: "/deploys"})
}

func TestBodyKeepsTheErrorThatBrokeIt(t *testing.T) {
	reset := errors.New("reset")
	_, err := answer(t, 200, io.MultiReader(strings.NewReader("begin"), failing{reset}))
	broken, ok := errors.AsType[*service.ConnectionError](err)
	if !ok || !broken.Sent || !errors.Is(err, reset) || !strings.Contains(err.Error(), `broke off after 5 bytes: reset; the body begins: "begin"`) {
		t.Errorf("%T: %v", err, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// An alert of TLS in the middle of an answer does not mean that the request was not read.
func TestAlertInTheMiddleOfABody(t *testing.T) {
	alert := &net.OpError{Op: "remote error", Err: tls.AlertError(40)}
	_, err := answer(t, 200, failing{alert})
	if broken, ok := errors.AsType[*service.ConnectionError](err); !ok || !broken.Sent {
		t.Errorf("%T: %v", err, err)
	}
}

// If the client gives up a request, the server may end it with an empty answer.
func TestEmptyAnswerToACancelledRequest(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	given := errors.New("given up")
	_, err := request(ctx, t, 200, readerFunc(func([]byte) (int, error) { cancel(given); return 0, io.EOF }))
	if broken, ok := errors.AsType[*service.ConnectionError](err); !ok || !broken.Sent || !errors.Is(err, given) {
		t.Errorf("%T: %v", err, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// r10k passes on text from remotes in any encoding.
func TestBodyThatIsNotUTF8(t *testing.T) {
	response, err := answer(t, 200, strings.NewReader(" M\xfcller\n"))
	if err != nil || string(response.Body) != "M\uFFFDller" {
		t.Errorf("%+v %v", response, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// stalled is a body that ends with its request.
type stalled struct{ ctx context.Context } //nolint:containedctx // that of the request

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := New(service.Options{
			BaseURL: "https://primary.example.com",
			RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: io.NopCloser(stalled{r.Context()})}, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = client.Do(t.Context(), Request{Method: http.MethodGet, Path: "/"})
		broken, ok := errors.AsType[*service.ConnectionError](err)
		if !ok || !broken.Sent || time.Since(began) != time.Minute || !strings.Contains(err.Error(), "the server did not answer within 1m0s") {
			t.Errorf("%s: %v", time.Since(began), err)
		}
	})
}

// The token is removed before the text is cut, whole or in part.
func TestSnippetsHaveNoToken(t *testing.T) {
	const token = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHI"
	for text, want := range map[string]string{
		"":                                    "",
		"a page":                              "a page",
		"." + token[5:21] + ".":               ".<redacted>.",
		strings.Repeat("ä", 70) + token:       strings.Repeat("ä", 70) + "<redacted>",
		strings.Repeat(".", 195) + token[:43]: strings.Repeat(".", 195) + "<reda…",
	} {
		if got := (&Response{client: &Client{opts: service.Options{Token: token}}, Body: []byte(text)}).snippet(); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzErrorBodies(f *testing.F) {
	const object = `{"kind":"puppetlabs.rbac/token-expired","msg":"The provided token has expired.","details":"ERROR\t -> x"}`
	for _, text := range []string{object, object[:40], "[" + object + "]", `<html>x</html>`, `{}`, `{"msg":1}`, token, "\xff"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, status := range []int{302, 401, 502, 999} {
			_, err := answer(t, status, strings.NewReader(string(body)))
			switch {
			case is[*service.APIError](err):
				e, _ := errors.AsType[*service.APIError](err)
				if e.Message == "" || e.Details != nil && !jsontext.Value(e.Details).IsValid(jsontext.AllowInvalidUTF8(true)) {
					t.Fatalf("%+v", e)
				}
				readableSnippet(t, e.Snippet)
			case is[*service.ResponseError](err):
				e, _ := errors.AsType[*service.ResponseError](err)
				readableSnippet(t, e.Snippet)
			default:
				t.Fatalf("an error of type %T: %v", err, err)
			}
		}
	})
}

func readableSnippet(t *testing.T, snippet string) {
	t.Helper()
	if !utf8.ValidString(snippet) || len(snippet) > snippetLength+len("…") || strings.Contains(snippet, token) {
		t.Fatalf("snippet %q", snippet)
	}
}
