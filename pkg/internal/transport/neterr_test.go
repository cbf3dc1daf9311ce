package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// kinds are all functions that classify network errors.
var kinds = map[string]func(error) bool{
	"refused": transport.IsRefused, "reset": transport.IsReset, "unreachable": transport.IsUnreachable,
	"timeout": transport.IsTimeout,
}

// expectKind fails unless err is of this kind and no other; "" is no kind.
func expectKind(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that is %q", want)
	}
	for kind, is := range kinds {
		if is(err) != (kind == want) {
			t.Errorf("%v (%T): %s is %t, want %q", err, errors.Unwrap(err), kind, is(err), want)
		}
	}
}

// The errors here come from the system that the test runs on.
func TestErrorsOfThisSystem(t *testing.T) {
	listener := listen(t)
	address := listener.Addr().String()
	listener.Close()
	_, err := net.DialTimeout("tcp", address, 10*time.Second)
	expectKind(t, err, "refused")

	client, server := connected(t)
	if err := server.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	server.Close()
	_, err = client.Read(make([]byte, 1))
	expectKind(t, err, "reset")

	client, _ = connected(t)
	if err := client.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	_, err = client.Read(make([]byte, 1))
	expectKind(t, err, "timeout")

	client, server = connected(t)
	server.Close()
	_, err = client.Read(make([]byte, 1))
	expectKind(t, err, "") // an orderly end: io.EOF
}

func TestErrorsByNumber(t *testing.T) {
	for number, want := range numbers {
		err := fmt.Errorf("a POST: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", number)})
		expectKind(t, err, want)
	}
	for _, err := range []error{io.EOF, context.Canceled, &net.DNSError{IsNotFound: true}, syscall.ENOENT, errors.New("connection refused")} {
		expectKind(t, err, "")
	}
	for _, err := range []error{context.DeadlineExceeded, os.ErrDeadlineExceeded, &net.DNSError{IsTimeout: true}} {
		expectKind(t, err, "timeout")
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// connected returns both ends of a connection.
func connected(t *testing.T) (client, server net.Conn) {
	t.Helper()
	listener := listen(t)
	client, err := net.DialTimeout("tcp", listener.Addr().String(), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	server, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}
