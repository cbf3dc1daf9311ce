package codemanager_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// rawClient is a client of a server whose every connection is handled by handle, after the handshake
// and the request.
func rawClient(t *testing.T, edit func(*tls.Config), handle func(conn net.Conn)) *codemanager.Client {
	t.Helper()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	template, err := testtls.Template("good")
	if err != nil {
		t.Fatal(err)
	}
	config, err := ca.Config(template)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(config)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			plain, err := listener.Accept()
			if err != nil {
				return
			}
			go serveRaw(plain, config, handle)
		}
	}()
	client, err := codemanager.New(codemanager.Options{
		BaseURL: "https://" + listener.Addr().String() + "/code-manager", TLS: trust(t, ca.File),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func serveRaw(plain net.Conn, config *tls.Config, handle func(conn net.Conn)) {
	defer plain.Close()
	conn := tls.Server(plain, config)
	if err := conn.Handshake(); err != nil {
		// The client is to read the alert before the connection is reset.
		_ = plain.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.Copy(io.Discard, plain)
		return
	}
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, request.Body)
	handle(conn)
	_ = conn.Close()
}

const answered = `[{"environment":"production","id":7,"status":"complete"}]`

// An answer that broke off counts as no answer: the request was sent, and its outcome is unknown.
func TestAnswersThatBreakOff(t *testing.T) {
	for name, text := range map[string]string{
		"HTTP/1.0, cut":          "HTTP/1.0 200 OK\r\n\r\n" + answered[:30],
		"HTTP/1.0, empty":        "HTTP/1.0 200 OK\r\n\r\n",
		"no length, cut":         "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + answered[:30],
		"no length, empty":       "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
		"a length, cut":          fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answered), answered[:30]),
		"chunks, cut":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n" + answered[:30] + "\r\n",
		"in the head":            "HTTP/1.1 200 OK\r\nContent-",
		"nothing":                "",
		"an error page, cut":     "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100\r\n\r\n<html>",
		"after an informational": "HTTP/1.1 102 Processing\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			client := rawClient(t, nil, func(conn net.Conn) { _, _ = io.WriteString(conn, text) })
			list, err := client.Deploy(t.Context(), codemanager.DeployRequest{Environments: []string{"production"}, Wait: true})
			broken, ok := errors.AsType[*codemanager.ConnectionError](err)
			if !ok || !broken.Sent || list != nil {
				t.Errorf("got %v, %T %v", list, err, err)
			}
		})
	}
}

func TestCompleteAnswerWithoutContentLength(t *testing.T) {
	client := rawClient(t, nil, func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n"+answered) })
	list, err := client.Deploy(t.Context(), codemanager.DeployRequest{Environments: []string{"production"}})
	if err != nil || len(list) != 1 || list[0].Status != codemanager.StatusComplete {
		t.Errorf("%v %v", list, err)
	}
}

// Any number of informational answers may precede the answer.
func TestInformationalAnswers(t *testing.T) {
	client := rawClient(t, nil, func(conn net.Conn) {
		for range 1000 {
			_, _ = io.WriteString(conn, "HTTP/1.1 102 Processing\r\n\r\n")
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answered), answered)
	})
	list, err := client.Deploy(t.Context(), codemanager.DeployRequest{Environments: []string{"production"}, Wait: true})
	if err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}

// With TLS 1.3, the server learns that there is no client certificate only after the client has
// sent its request. It refuses with an alert, without reading the request.
func TestClientCertificateDemanded(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			client := rawClient(t, func(config *tls.Config) {
				config.MinVersion, config.MaxVersion, config.ClientAuth = version, version, tls.RequireAnyClientCert
			}, func(net.Conn) { t.Error("the request arrived") })
			_, err := client.Deploy(t.Context(), codemanager.DeployRequest{Environments: []string{"production"}, Wait: true})
			broken, ok := errors.AsType[*codemanager.ConnectionError](err)
			if !ok || broken.Sent {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

// plainAnswer returns a client of a server that sends this answer.
func plainAnswer(t *testing.T, body string) *codemanager.Client {
	t.Helper()
	client, err := codemanager.New(codemanager.Options{
		BaseURL: "https://primary.example.com:8170/code-manager",
		RoundTripper: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Request: r, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
				Header: http.Header{"Date": {"Wed, 09 Jul 2031 10:00:07 GMT"}},
			}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestNullsInDeploysStatus(t *testing.T) {
	entry := `{"environment":"production","queued-at":"2031-07-09T10:00:00.000Z","id":7}`
	for name, body := range map[string]string{
		"an entry":        `{"deploys-status":{"new":[],"queued":[null,` + entry + `],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":[]},"file-sync-client-status":{"file-sync-clients":{}}}`,
		"a list":          `{"deploys-status":{"new":null,"queued":[` + entry + `],"deploying":null,"failed":null},"file-sync-storage-status":{"deployed":null},"file-sync-client-status":{"file-sync-clients":null}}`,
		"an object":       `{"deploys-status":{"new":[],"queued":[` + entry + `],"deploying":[],"failed":[]},"file-sync-storage-status":null,"file-sync-client-status":null}`,
		"a compiler":      `{"deploys-status":{"new":[],"queued":[` + entry + `],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":[null]},"file-sync-client-status":{"file-sync-clients":{"a":null}}}`,
		"a compiler's":    `{"deploys-status":{"new":[],"queued":[` + entry + `],"deploying":[],"failed":[]},"file-sync-storage-status":{"deployed":[]},"file-sync-client-status":{"file-sync-clients":{"a":{"last_check_in_time":null,"deployed":null,"synced-with-file-sync-storage":null}}}}`,
		"an entry's":      `{"deploys-status":{"new":[],"queued":[` + entry + `,{"environment":null,"queued-at":null,"id":null,"error":null}],"deploying":[],"failed":[]}}`,
		"an odd id":       `{"deploys-status":{"new":[{"environment":"q","queued-at":"","id":12.0}],"queued":[` + entry + `]}}`,
		"an error's text": `{"deploys-status":{"failed":[{"environment":"q","queued-at":"","error":"text"}],"queued":[` + entry + `]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			status, err := plainAnswer(t, body).DeploysStatus(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, d := range status.Deploys.Queued {
				found = found || d.Environment == "production" && d.ID == "7"
			}
			if !found {
				t.Errorf("%+v", status.Deploys)
			}
			if want := time.Date(2031, 7, 9, 10, 0, 7, 0, time.UTC); !status.Date.Equal(want) {
				t.Errorf("Date %s", status.Date)
			}
		})
	}
}
