package sandbox

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The test of wrong usage of the program has the other ones.
func TestInvalidOptions(t *testing.T) {
	file := writeFile(t, "x")
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"interval":      {Options{SyncInterval: -time.Second}, "--sync-interval: -1s: it must not be negative"},
		"listen":        {Options{Listen: "a:b:c"}, `--listen: "a:b:c": use HOST:PORT`},
		"big port":      {Options{Listen: "localhost:70000"}, "the port must be a number"},
		"empty token":   {Options{TokenFile: writeFile(t, "\n")}, "is empty: write a token into it"},
		"two tokens":    {Options{TokenFile: writeFile(t, "one\ntwo\n")}, "must contain one token"},
		"no repo":       {Options{Head: "main"}, "--head: it needs --control-repo"},
		"remote head":   {Options{ControlRepo: "ssh://git.test/r", Head: "main"}, "--control-repo: HEAD can be a branch only of a folder"},
		"rbac port":     {Options{RBACListen: "localhost:http"}, `--rbac-listen: "localhost:http": the port must be a number`},
		"fetch delay":   {Options{FetchDelay: -time.Second}, "--fetch-delay: -1s: it must not be negative"},
		"no compilers":  {Options{CompilersDown: []string{"x"}, Compilers: NoCompilers}, `--compiler-down: "x": there is no such compiler; the compilers are none`},
		"dir is a file": {Options{Dir: file}, "--dir: "},
		"codedir":       {Options{Codedir: file}, "--codedir: "},
	} {
		t.Run(name, func(t *testing.T) {
			if test.options.ControlRepo != "" {
				testneeds.Program(t, "git")
			}
			server, err := Start(context.Background(), test.options)
			if err == nil {
				t.Fatal(server.Close())
			}
			if wrong := (*OptionError)(nil); !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want an OptionError: %s", err, test.want)
			}
		})
	}
}

func TestAddressInUse(t *testing.T) {
	first := start(t, Options{})
	address := strings.TrimSuffix(strings.TrimPrefix(first.URL(), "https://localhost"), api.BasePath)
	_, err := Start(context.Background(), Options{Listen: "127.0.0.1" + address})
	// Why, is the system's text.
	if wrong := (*OptionError)(nil); err == nil || errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), "listen on 127.0.0.1"+address) {
		t.Errorf("error %v, want that the address is in use", err)
	}
}

func TestTokenFile(t *testing.T) {
	for _, token := range []string{"0123456789abcdef", "abc-_XYZ\r\n", "eyJh.bGci_OiJ.I-Uz\n"} {
		file := writeFile(t, token)
		h := start(t, Options{TokenFile: file})
		if h.TokenFile() != file {
			t.Errorf("token file %s", h.TokenFile())
		}
		h.deploysStatus() // with the token of the file
	}
}

func TestSplitListen(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:0": "127.0.0.1|0", "127.0.0.1": "127.0.0.1|0", "localhost:8170": "localhost|8170", "::1": "::1|0",
		"[::1]": "::1|0", "[::1]:8170": "::1|8170", ":8170": "|8170",
	} {
		host, port, err := splitListen(listen)
		if err != nil || host+"|"+port != want {
			t.Errorf("%s: %s|%s, %v, want %s", listen, host, port, err, want)
		}
	}
}

func TestHosts(t *testing.T) {
	for host, want := range map[string]struct {
		loopback bool
		url      string
	}{
		"127.0.0.1": {true, "localhost"}, "::1": {true, "localhost"}, "localhost": {true, "localhost"}, "127.0.0.2": {true, "127.0.0.2"},
		"": {false, "localhost"}, "0.0.0.0": {false, "localhost"}, "192.0.2.1": {false, "192.0.2.1"}, "host.test": {false, "host.test"},
	} {
		if isLoopback(host) != want.loopback || urlHost(host) != want.url {
			t.Errorf("%q: loopback %t, URL host %s", host, isLoopback(host), urlHost(host))
		}
		names, addresses := certificateHosts(host)
		found := host == "" || host == "0.0.0.0"
		for _, name := range names {
			found = found || name == host
		}
		for _, address := range addresses {
			found = found || address.Equal(net.ParseIP(host))
		}
		if !found {
			t.Errorf("%q is not in the certificate: %v, %v", host, names, addresses)
		}
	}
}
