package config

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Endpoint is the checked service URL, without a slash at its end. Errors say
// where the URL came from and what to write instead; they never show a
// password in it.
func (c Config) Endpoint() (string, error) {
	if c.ServiceURL.Text == "" {
		return "", fmt.Errorf("no Code Manager is configured: give --%s https://PRIMARY:%s/code-manager, "+
			"or set %s, or %s in a configuration file", KeyServiceURL, defaultPort, EnvServiceURL, KeyServiceURL)
	}
	endpoint, err := checkServiceURL(strings.TrimSpace(c.ServiceURL.Text))
	if err != nil {
		return "", fmt.Errorf("%w (%s comes from %s)", err, KeyServiceURL, c.ServiceURL.Origin)
	}
	return endpoint, nil
}

func checkServiceURL(text string) (string, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case !ok && strings.Contains(text, "@"):
		return "", errors.New("the service URL has no scheme: it must begin with https://")
	case !ok:
		return "", fmt.Errorf("the service URL %q has no scheme: write https://%s", text, strings.TrimLeft(text, "/"))
	case !strings.EqualFold(scheme, "https"):
		return "", fmt.Errorf("Unsupported protocol scheme: %s: write https://, so that the token does not travel in clear", scheme) //nolint:staticcheck // scripts know this text
	}
	authority, _, _ := strings.Cut(rest, "/")
	if strings.Contains(authority, "@") {
		return "", errors.New("the service URL has a user or a password in it: Code Manager takes a token, leave them out")
	}
	parsed, err := url.Parse(text)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return "", fmt.Errorf("the service URL %q is no address: %w", text, err)
	}
	if err := checkParts(text, parsed); err != nil {
		return "", err
	}
	return "https://" + strings.TrimRight(parsed.Host+parsed.EscapedPath(), "/"), nil
}

func checkParts(text string, parsed *url.URL) error {
	if parsed.Hostname() == "" {
		return fmt.Errorf("the service URL %q names no host", text)
	}
	if port := parsed.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("the service URL %q has no valid port: %s", text, port)
		}
	}
	if parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" {
		return fmt.Errorf("the service URL %q goes on after its path: cut it before ? or #", text)
	}
	return nil
}

// ServiceURLForDisplay is the service URL as it was written, but for a
// password in it.
func (c Config) ServiceURLForDisplay() string {
	scheme, rest, ok := strings.Cut(c.ServiceURL.Text, "://")
	if !ok {
		return c.ServiceURL.Text
	}
	authority, path, _ := strings.Cut(rest, "/")
	at := strings.LastIndex(authority, "@")
	if at < 0 {
		return c.ServiceURL.Text
	}
	return scheme + "://" + redacted + "@" + strings.TrimSuffix(authority[at+1:]+"/"+path, "/")
}
