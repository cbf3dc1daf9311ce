// Package proxy finds the proxy for a server in the environment, by the rules of curl. The standard
// library has other rules: if HTTPS_PROXY is not a valid address, it connects directly.
package proxy

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy is a proxy with the variable that names it.
type Proxy struct {
	// URL has a host; its scheme is http, https, socks5 or socks5h. It can have a user and a password:
	// never print it.
	URL *url.URL
	// Variable is HTTPS_PROXY or ALL_PROXY, in upper or lower case.
	Variable string
}

// Secrets are the texts that no message may contain: the password as it is and as the variable has it,
// and the base64 of user and password, which the proxy is sent.
func (p *Proxy) Secrets() []string {
	if p == nil || p.URL.User == nil {
		return nil
	}
	password, _ := p.URL.User.Password()
	_, escaped, _ := strings.Cut(p.URL.User.String(), ":")
	return []string{password, escaped, base64.StdEncoding.EncodeToString([]byte(p.URL.User.Username() + ":" + password))}
}

// String is the proxy in messages: proxy.example.com:3128 (HTTPS_PROXY).
func (p *Proxy) String() string { return p.URL.Host + " (" + p.Variable + ")" }

// Error is a variable that is not the address of a proxy. It does not show the value, which can
// contain a password.
type Error struct{ Variable string }

func (e *Error) Error() string {
	return e.Variable + " is not a valid address. Write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, also with https, socks5 " +
		`or socks5h, and with %25 for %, %23 for #, %2F for /, %3F for ? and %5C for \ in the password`
}

// For returns the proxy for an https URL, nil for a direct connection. HTTPS_PROXY takes precedence
// over ALL_PROXY, and lower case over upper case. Hosts in NO_PROXY and loopback addresses get a
// direct connection. An empty variable counts as not set. The error is an *Error.
func For(target *url.URL, lookup func(string) (string, bool)) (*Proxy, error) {
	get := func(names ...string) (name, value string) {
		for _, name = range names {
			if text, ok := lookup(name); ok && text != "" {
				return name, text
			}
		}
		return "", ""
	}
	variable, address := get("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
	if _, exceptions := get("no_proxy", "NO_PROXY"); address == "" || excepted(target, exceptions) {
		return nil, nil
	}
	parsed := parse(address)
	if parsed == nil {
		return nil, &Error{variable}
	}
	return &Proxy{URL: parsed, Variable: variable}, nil
}

// excepted reports whether a host needs no proxy: it is on the list, or is this machine.
func excepted(target *url.URL, list string) bool {
	commas := strings.Join(strings.Fields(list), ",") // curl takes blanks too
	rules := httpproxy.Config{HTTPSProxy: "http://proxy", NoProxy: commas}
	via, err := rules.ProxyFunc()(target)
	return via == nil && err == nil
}

// parse reads the address of a proxy; http:// can be left out. It returns nil for a text that is no such
// address, as with a # in the password: then its parts would be in other places.
func parse(text string) *url.URL {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	address, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, address.Scheme) {
		return nil
	}
	if address.Hostname() == "" || strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "" {
		return nil
	}
	return address
}
