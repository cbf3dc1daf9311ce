package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// defaultPort is where Code Manager listens on the primary.
const defaultPort = "8170"

// Endpoint is the checked service URL, without a trailing slash. Errors say where the URL comes
// from and how to correct it; they never show a secret in it.
func (c Config) Endpoint() (string, error) {
	if c.ServiceURL.Text == "" {
		err := fmt.Errorf("no Code Manager is configured: use --%s https://PRIMARY:%s/code-manager, "+
			"or set %s, or %s in a configuration file; `puppet-code login --server PRIMARY` writes one",
			KeyServiceURL, defaultPort, EnvServiceURL, KeyServiceURL)
		if unknown := c.unknownKeys(); len(unknown) > 0 {
			err = fmt.Errorf("%w (%s)", err, strings.Join(unknown, "; "))
		}
		return "", err
	}
	return c.ServiceURL.endpoint(KeyServiceURL, "the service URL")
}

// endpoint checks the URL that a setting has; name is the URL's in errors.
func (v Value) endpoint(key, name string) (string, error) {
	endpoint, err := checkURL(strings.TrimSpace(v.Text), name)
	if err != nil {
		return "", fmt.Errorf("%w (%s comes from %s)", err, key, v.Origin)
	}
	return endpoint, nil
}

func checkURL(text, name string) (string, error) {
	shown := presentableURL(text)
	scheme, _, ok := strings.Cut(text, "://")
	switch {
	case resemblesToken(text):
		return "", fmt.Errorf("%s looks like a token: put the token into %s, and the address here", name, EnvToken)
	case strings.Trim(text, `"'`) != text:
		return "", fmt.Errorf("%s has quotation marks around it, as some programs read them from a file of variables: remove them", name)
	case strings.ContainsAny(text, "@?#"):
		return "", fmt.Errorf("%s contains a user, a password, a query or a fragment: leave them out; a token belongs in %s or a token file", name, EnvToken)
	case !ok:
		return "", fmt.Errorf("%s %q has no scheme: write https://%s", name, shown, strings.TrimLeft(shown, "/"))
	case strings.EqualFold(scheme, "http"):
		return "", errors.New("Unsupported protocol scheme: http: write https://, so that the token is not sent unencrypted") //nolint:staticcheck // scripts know this text
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" || !validPort(parsed.Port()) {
		// The error of url.Parse shows a part of the URL.
		return "", fmt.Errorf("%s %q is not a valid address: it must be https:// with a host, and a port if needed", name, shown)
	}
	// In the form in which it is used: with a zone of an IPv6 address escaped.
	used := url.URL{Scheme: "https", Host: parsed.Host, Path: parsed.Path, RawPath: parsed.RawPath}
	return strings.TrimRight(used.String(), "/"), nil
}

// ServiceURLHint says what to check if no Code Manager answers at a service URL. It is a whole
// sentence that begins in lower case.
func ServiceURLHint(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Hostname() == "" {
		return "check the service URL, which usually ends in :" + defaultPort + "/code-manager."
	}
	if usual := UsualServiceURL(parsed.Hostname()); endpoint != usual {
		return fmt.Sprintf("check the service URL %s, which is usually %s.", endpoint, usual)
	}
	return fmt.Sprintf("check the service URL %s: another server answers there.", endpoint)
}
