package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
)

const soon = 500 * time.Millisecond

func TestSlowBody(t *testing.T) {
	t.Parallel()
	h := start(t, Options{requestTimeout: soon})
	reader, writer := io.Pipe()
	defer writer.Close()
	request := h.request(t.Context(), http.MethodPost, "/v1/deploys", "")
	request.Body = reader
	go io.WriteString(writer, `{"dry_run": `)
	h.refused(request, http.StatusRequestTimeout, api.KindInvalidRequest)
}

// TestRefusedRequestDoesNotReadItsBody: requests that are refused before their body has arrived must not keep
// the connection open.
func TestRefusedRequestDoesNotReadItsBody(t *testing.T) {
	t.Parallel()
	h := start(t, Options{requestTimeout: soon})
	conn := h.dial(t)
	fmt.Fprintf(conn, "POST %s/v1/deploys HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", api.BasePath)
	if got, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 401 ") {
		t.Errorf("read %q, %v; want 401 and the end", got, err)
	}
}

func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	h := start(t, Options{headerTimeout: soon})
	conn := h.dial(t)
	fmt.Fprintf(conn, "GET %s/v1/status HTTP/1.1\r\nHost: x\r\nX-", api.BasePath)
	if got, err := io.ReadAll(conn); err != nil || strings.Contains(string(got), " 200 ") {
		t.Errorf("read %q, %v; want the end", got, err)
	}
}

func TestSlowHandshake(t *testing.T) {
	t.Parallel()
	h := start(t, Options{headerTimeout: soon})
	conn, err := net.Dial("tcp", h.dial(t).RemoteAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Errorf("read %q, %v; want the end", got, err)
	}
}

// A client that does not read its answer is cut off after a time.
func TestAnswerThatTheClientDoesNotRead(t *testing.T) {
	t.Parallel()
	testneeds.Time(t)
	h := start(t, Options{answerTimeout: 10 * soon})
	names := make([]string, 1000) // megabytes of failures: more than the buffers between the two can hold
	for i := range names {
		names[i] = fmt.Sprintf("%q", fmt.Sprintf("%d%s", i, strings.Repeat("x", 900)))
	}
	h.deploy(`{"environments": [` + strings.Join(names, ",") + `], "wait": true}`)
	conn := h.dial(t)
	request := fmt.Sprintf("GET %s/v1/deploys/status HTTP/1.1\r\nHost: x\r\nX-Authentication: %s\r\n\r\n", api.BasePath, h.token)
	go fmt.Fprint(conn, strings.Repeat(request, 20))
	eventually(t, "the answer is given up", func() bool { return strings.Contains(h.log.String(), "an answer was not read") })
}

// A body without an end is not read to its end.
func TestBodyOfAGigabyte(t *testing.T) {
	testneeds.Time(t)
	const size = 1 << 30
	h := start(t, Options{})
	for name, head := range map[string]string{
		"with its length": fmt.Sprintf("Content-Length: %d\r\n\r\n", size),
		"in chunks":       fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", size),
	} {
		for token, status := range map[string]string{h.token: "413", "none": "401"} {
			conn := h.dial(t)
			fmt.Fprintf(conn, "POST %s/v1/deploys HTTP/1.1\r\nHost: x\r\nX-Authentication: %s\r\n%s", api.BasePath, token, head)
			sent := make(chan int)
			go func() {
				block, total := []byte(strings.Repeat("[", 1<<16)), 0
				for total < size {
					n, err := conn.Write(block)
					if total += n; err != nil {
						break
					}
				}
				sent <- total
			}()
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.HasPrefix(line, "HTTP/1.1 "+status) {
				t.Errorf("%s: %q, %v; want %s", name, line, err, status)
			}
			// The system's buffers between the two can hold some megabytes.
			if total := <-sent; total > size/8 {
				t.Errorf("%s: %d bytes were taken", name, total)
			}
		}
	}
}

func TestWaitOutlivesTheRequestTimeout(t *testing.T) {
	t.Parallel()
	h := start(t, Options{requestTimeout: soon, answerTimeout: soon, DeployDelay: 4 * soon})
	if got := h.deploy(`{"environments": ["production"], "wait": true}`)["production"]; got.Status != complete {
		t.Errorf("deployment %+v", got)
	}
}
