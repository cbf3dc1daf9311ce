package proxy_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/proxy"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// verdict is how a connection is made.
type verdict string

const (
	viaProxy verdict = "by the proxy"
	direct   verdict = "direct"
	refused  verdict = "refused"
	unclear  verdict = "unclear"
)

// row is an environment, in which PROXY is the address of a proxy.
type row struct {
	env    string
	target string // empty is https://primary.invalid:8170/
	want   verdict
	// curl is its verdict, empty if it is the same, unclear if its exit status
	// doesn't tell.
	curl verdict
}

var rows = []row{
	{env: "", want: direct},
	{env: "https_proxy=http://PROXY", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY", want: viaProxy},
	{env: "HTTPS_PROXY=HTTP://PROXY/", want: viaProxy},
	{env: "HTTPS_PROXY=PROXY", want: viaProxy},
	{env: "ALL_PROXY=http://PROXY", want: viaProxy},
	{env: "all_proxy=http://PROXY", want: viaProxy},
	{env: "http_proxy=http://PROXY", want: direct},
	{env: "https_proxy=|HTTPS_PROXY=http://PROXY", want: viaProxy},
	{env: "https_proxy=http://PROXY|HTTPS_PROXY=nonsense://", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|all_proxy=nonsense://", want: viaProxy},
	{env: "HTTPS_PROXY=http://ann:%40%3a%25%5c%23@PROXY", want: viaProxy},

	{env: "HTTPS_PROXY= http://PROXY", want: refused},
	{env: "HTTPS_PROXY=http://PROXY ", want: refused},
	{env: "HTTPS_PROXY=http://ann:ge heim@PROXY", want: refused},
	{env: "HTTPS_PROXY=http://ann:geheim#@PROXY", want: refused},
	{env: "HTTPS_PROXY=http://ann:123#geheim@PROXY", want: refused},
	{env: "HTTPS_PROXY=http://ann:geheim@@PROXY", want: refused},
	{env: "HTTPS_PROXY=foo:bar:baz", want: refused},
	{env: "HTTPS_PROXY=foo:1:2", want: refused},
	{env: "HTTPS_PROXY=http://", want: refused},
	{env: "HTTPS_PROXY=http://:3128", want: refused},
	{env: "HTTPS_PROXY=http://127.0.0.1:99999", want: refused, curl: unclear},
	{env: "HTTPS_PROXY=nonsense://PROXY", want: refused, curl: unclear},
	// curl takes these as they are.
	{env: "HTTPS_PROXY=http://ann:geheim%@PROXY", want: refused, curl: viaProxy},
	{env: `HTTPS_PROXY=http://ann:ge\heim@PROXY`, want: refused, curl: viaProxy},

	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=*", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=.invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=.primary.invalid", want: viaProxy, curl: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=localhost .invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=localhost,\t.invalid ", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=x,,invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=PRIMARY.Invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid.", want: viaProxy, curl: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=mary.invalid", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=..invalid", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=x;primary.invalid", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid|no_proxy=x", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid|no_proxy=", want: direct},
	{env: "HTTPS_PROXY=nonsense://|NO_PROXY=primary.invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid", target: "https://primary.invalid.:8170/", want: viaProxy, curl: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid:1", want: viaProxy},
	// These are common, and programs in Go understand them.
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=x,*", want: direct, curl: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=*.invalid", want: direct, curl: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid:8170", want: direct, curl: viaProxy},

	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=192.0.2.1", target: "https://192.0.2.1:8170/", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=192.0.2.0/24", target: "https://192.0.2.1:8170/", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=192.0.3.0/24", target: "https://192.0.2.1:8170/", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=192.0.2.0/33", target: "https://192.0.2.1:8170/", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=192.0.2", target: "https://192.0.2.1:8170/", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=0.2.1", target: "https://192.0.2.1:8170/", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=2001:db8::1", target: "https://[2001:db8::1]:8170/", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=2001:db9::/32", target: "https://[2001:db8::1]:8170/", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=[2001:db8::1]", target: "https://[2001:db8::1]:8170/", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=[2001:db8::1]:8170", target: "https://[2001:db8::1]:8170/", want: direct, curl: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=2001:db8::/32", target: "https://[2001:db8::1]:8170/", want: direct, curl: viaProxy},
	// No proxy reaches this machine's loopback; curl asks it nevertheless.
	{env: "HTTPS_PROXY=http://PROXY", target: "https://localhost:1/", want: direct, curl: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY", target: "https://127.0.0.1:1/", want: direct, curl: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY", target: "https://[::1]:1/", want: direct, curl: viaProxy},
}

func TestProxyRulesOfCurl(t *testing.T) {
	address, heard := listen(t)
	for _, r := range rows {
		if r.target == "" {
			r.target = "https://primary.invalid:8170/"
		}
		env := strings.Split(strings.ReplaceAll(r.env, "PROXY|", address+"|"), "|")
		for i, variable := range env {
			name, value, _ := strings.Cut(variable, "=")
			env[i] = name + "=" + strings.ReplaceAll(value, "PROXY", address)
		}
		t.Run(strings.ReplaceAll(r.env+" "+r.target, "/", "_"), func(t *testing.T) {
			target, err := url.Parse(r.target)
			if err != nil {
				t.Fatal(err)
			}
			got, err := proxy.For(target, lookup(env))
			if verdictOf(t, got, err, address) != r.want {
				t.Errorf("%v %v, want %s", got, err, r.want)
			}
			testneeds.Program(t, "curl")
			if r.curl == "" {
				r.curl = r.want
			}
			if got := curl(t, env, r.target, heard); r.curl != unclear && got != r.curl {
				t.Errorf("curl connects %s, the row says %s", got, r.curl)
			}
		})
	}
}

func lookup(env []string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, variable := range env {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

func verdictOf(t *testing.T, got *proxy.Proxy, err error, address string) verdict {
	t.Helper()
	switch {
	case err != nil:
		if _, ok := errors.AsType[*proxy.Error](err); !ok || !strings.Contains(err.Error(), "HTTPS_PROXY is not a valid address: ") ||
			strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "ann") {
			t.Errorf("%T %v", err, err)
		}
		return refused
	case got == nil:
		return direct
	}
	if got.URL.Host != address || !strings.HasPrefix(got.String(), address+" (") {
		t.Errorf("proxy %s", got)
	}
	return viaProxy
}

// listen starts a proxy that refuses everything, and tells of each request.
func listen(t *testing.T) (address string, heard chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	heard = make(chan string, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				heard <- request.Method
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 502 No\r\n\r\n")
			_ = conn.Close()
		}
	}()
	return listener.Addr().String(), heard
}

// curl tells how curl connects. The address of the target leads nowhere.
func curl(t *testing.T, env []string, target string, heard chan string) verdict {
	t.Helper()
	const invalidProxy = 5
	command := exec.CommandContext(t.Context(), "curl", "--silent", "--disable", "--connect-timeout", "1",
		"--connect-to", "::127.0.0.1:1", target)
	command.Env = env
	err := command.Run()
	select {
	case <-heard:
		return viaProxy
	default:
	}
	failed, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("curl: %v", err)
	}
	if failed.ExitCode() == invalidProxy {
		return refused
	}
	return direct
}

func TestProxyAddresses(t *testing.T) {
	target, err := url.Parse("https://primary.example.com:8170/")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"http://ann:geheim@proxy.example.com": "proxy.example.com:80 (HTTPS_PROXY)",
		"https://proxy":                       "proxy:443 (HTTPS_PROXY)",
		"socks5h://ann:geheim@[2001:db8::1]":  "[2001:db8::1]:1080 (HTTPS_PROXY)",
		"socks5://proxy:1081/":                "proxy:1081 (HTTPS_PROXY)",
		"ann:geheim@proxy:3128":               "proxy:3128 (HTTPS_PROXY)",
		"socks4://proxy":                      "its scheme is not one of",
		"http://ann:1/geheim@proxy":           "a / or a second @ before its host",
		"http://ann:1?geheim@proxy":           "it has a ? in it",
		"http://pro!xy":                       "its host is neither a name nor an address",
		"http://[::1":                         "another character that is not allowed there",
		"http://proxy:0":                      "its port is not a number",
		"http://ann:geheim%zz@proxy":          "a % without two hexadecimal digits",
	} {
		got, err := proxy.For(target, lookup([]string{"HTTPS_PROXY=" + in}))
		said := ""
		if err != nil {
			said = err.Error()
		} else {
			said = got.String()
		}
		if !strings.Contains(said, want) || strings.Contains(said, "geheim") {
			t.Errorf("%s: %q, want %q", in, said, want)
		}
	}
}

func FuzzFor(f *testing.F) {
	for _, r := range rows {
		f.Add(r.env)
	}
	target := &url.URL{Scheme: "https", Host: "primary.example.com:8170"}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := proxy.For(target, lookup([]string{"HTTPS_PROXY=" + text}))
		if (got == nil) != (err != nil || text == "") {
			t.Fatalf("%q: %v %v", text, got, err)
		}
		if got != nil && (got.URL.Hostname() == "" || got.URL.Port() == "" || got.URL.Path != "") {
			t.Fatalf("%q: %s", text, got)
		}
	})
}
