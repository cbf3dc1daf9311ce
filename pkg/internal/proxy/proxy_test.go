package proxy_test

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/proxy"
)

// verdict is how a connection is made.
type verdict string

const (
	viaProxy verdict = "by the proxy"
	direct   verdict = "direct"
	refused  verdict = "refused"
)

const address = "127.0.0.1:3128"

// rows are environments, in which PROXY is the address of a proxy, and the verdict for a target.
var rows = []struct {
	env    string
	target string // empty is https://primary.invalid:8170/
	want   verdict
}{
	{env: "", want: direct},
	{env: "https_proxy=http://PROXY", want: viaProxy},
	{env: "HTTPS_PROXY=HTTP://PROXY/", want: viaProxy},
	{env: "HTTPS_PROXY=PROXY", want: viaProxy},
	{env: "ALL_PROXY=http://PROXY", want: viaProxy},
	{env: "all_proxy=http://PROXY", want: viaProxy},
	{env: "http_proxy=http://PROXY", want: direct},
	{env: "https_proxy=|HTTPS_PROXY=http://PROXY", want: viaProxy},
	{env: "https_proxy=http://PROXY|HTTPS_PROXY=nonsense://", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|all_proxy=nonsense://", want: viaProxy},
	{env: "HTTPS_PROXY=http://ann:%40%3a%25%5c%23@PROXY", want: viaProxy},
	{env: "HTTPS_PROXY=http://ann:geheim@@PROXY", want: viaProxy},

	{env: "HTTPS_PROXY= http://PROXY", want: refused},
	{env: "HTTPS_PROXY=http://ann:ge heim@PROXY", want: refused},
	{env: "HTTPS_PROXY=http://ann:geheim#@PROXY", want: refused},
	{env: "HTTPS_PROXY=http://ann:geheim%@PROXY", want: refused},
	{env: `HTTPS_PROXY=http://ann:ge\heim@PROXY`, want: refused},
	{env: "HTTPS_PROXY=foo:bar:baz", want: refused},
	{env: "HTTPS_PROXY=http://:3128", want: refused},
	{env: "HTTPS_PROXY=nonsense://PROXY", want: refused},

	// The rest of the rules for NO_PROXY is the library's.
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=*", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=PRIMARY.Invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=localhost .invalid", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=localhost,\t.invalid ", want: direct},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid|no_proxy=x", want: viaProxy},
	{env: "HTTPS_PROXY=http://PROXY|NO_PROXY=primary.invalid|no_proxy=", want: direct},
	{env: "HTTPS_PROXY=nonsense://|NO_PROXY=primary.invalid", want: direct},
	// No proxy reaches this machine's loopback.
	{env: "HTTPS_PROXY=http://PROXY", target: "https://localhost:1/", want: direct},
	{env: "HTTPS_PROXY=http://PROXY", target: "https://[::1]:1/", want: direct},
}

func TestRulesForProxies(t *testing.T) {
	for _, r := range rows {
		target, err := url.Parse(cmp.Or(r.target, "https://primary.invalid:8170/"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := proxy.For(target, lookup(environment(r.env)))
		if verdictOf(t, got, err) != r.want {
			t.Errorf("%s: %v %v, want %s", r.env, got, err, r.want)
		}
	}
}

// environment are the variables of a row.
func environment(text string) []string {
	variables := strings.Split(text, "|")
	for i, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		variables[i] = name + "=" + strings.ReplaceAll(value, "PROXY", address)
	}
	return variables
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

func verdictOf(t *testing.T, got *proxy.Proxy, err error) verdict {
	t.Helper()
	switch {
	case err != nil:
		if _, ok := errors.AsType[*proxy.Error](err); !ok || !strings.Contains(err.Error(), "HTTPS_PROXY is not a valid address. ") ||
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

func TestProxyAddresses(t *testing.T) {
	target, err := url.Parse("https://primary.example.com:8170/")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"http://ann:geheim@proxy.example.com": "proxy.example.com (HTTPS_PROXY)",
		"https://proxy":                       "proxy (HTTPS_PROXY)",
		"socks5h://ann:geheim@[2001:db8::1]":  "[2001:db8::1] (HTTPS_PROXY)",
		"socks5://proxy:1081/":                "proxy:1081 (HTTPS_PROXY)",
		"ann:geheim@proxy:3128":               "proxy:3128 (HTTPS_PROXY)",
		"socks4://proxy":                      "not a valid address",
		"http://ann:1/geheim@proxy":           "not a valid address",
		"http://ann:1?geheim@proxy":           "not a valid address",
		"http://ann:1#geheim@proxy":           "not a valid address",
		"http://[::1":                         "not a valid address",
		"http://ann:geheim%zz@proxy":          "not a valid address",
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
