// Package proxy finds the proxy for a server in the environment, by the rules of curl. The standard
// library has other rules: if HTTPS_PROXY is not a valid address, it connects directly.
package proxy

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy is a proxy with the variable that names it.
type Proxy struct {
	// URL has a host and a port; its scheme is http, https, socks5 or socks5h. It
	// can have a user and a password: never print it.
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
type Error struct{ Variable, Reason string }

func (e *Error) Error() string {
	return fmt.Sprintf("%s is not a valid address: %s. Write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, "+
		`with %%25 for %%, %%23 for #, %%40 for @, %%2F for / and %%5C for \ in the password`, e.Variable, e.Reason)
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
	parsed, reason := parse(address)
	if reason != "" {
		return nil, &Error{variable, reason}
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

// defaultPorts are the default ports of the supported schemes.
var defaultPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

const hostCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

// parse reads the address of a proxy; http:// can be left out. The reason of a failure does not
// show the text.
func parse(text string) (parsed *url.URL, reason string) {
	if strings.ContainsAny(text, " \t\r\n") {
		return nil, "it contains a space"
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "http", text
	}
	scheme = strings.ToLower(scheme)
	if _, ok := defaultPorts[scheme]; !ok {
		return nil, "its scheme is not one of http, https, socks5 and socks5h"
	}
	if i := strings.IndexAny(rest, `#?\`); i >= 0 {
		return nil, "it has a " + strings.Replace(rest[i:i+1], `\`, "backslash", 1) + " in it"
	}
	if strings.Count(rest, "@") > 1 || strings.LastIndex(rest, "@") > strings.Index(rest+"/", "/") {
		return nil, "it contains a / or a second @ before its host"
	}
	parsed, err := url.Parse(scheme + "://" + rest)
	if err != nil { // the error contains the text, and so the password
		return nil, "it contains a % without two hexadecimal digits after it, or another character that is not allowed there"
	}
	return complete(parsed)
}

// complete checks the host, and adds the port.
func complete(parsed *url.URL) (*url.URL, string) {
	host, port := parsed.Hostname(), parsed.Port()
	if host == "" {
		return nil, "it has no host"
	}
	if _, err := netip.ParseAddr(host); err != nil && strings.ContainsFunc(host, func(r rune) bool { return !strings.ContainsRune(hostCharacters, r) }) {
		return nil, "its host is neither a name nor an address"
	}
	if port == "" {
		port = defaultPorts[parsed.Scheme]
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, "its port is not a number from 1 to 65535"
	}
	return &url.URL{Scheme: parsed.Scheme, User: parsed.User, Host: net.JoinHostPort(host, port)}, ""
}
