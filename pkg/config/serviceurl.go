package config

import (
	"cmp"
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
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case resemblesToken(text):
		return "", fmt.Errorf("%s looks like a token: put the token into %s, and the address here", name, EnvToken)
	case strings.Trim(text, `"'`) != text:
		return "", fmt.Errorf("%s has quotation marks around it, as some programs read them from a file of variables: remove them", name)
	case !ok && strings.Contains(text, "@"):
		return "", fmt.Errorf("%s has no scheme: it must begin with https://", name)
	case !ok:
		return "", fmt.Errorf("%s %q has no scheme: write https://%s", name, shown, strings.TrimLeft(shown, "/"))
	case !strings.EqualFold(scheme, "https"):
		return "", fmt.Errorf("Unsupported protocol scheme: %s: write https://, so that the token is not sent unencrypted", presentableScheme(scheme)) //nolint:staticcheck // scripts know this text
	}
	if strings.Contains(rest, "@") { // also after a / in the password
		return "", fmt.Errorf("%s contains a user or a password: leave them out, the server takes a token", name)
	}
	if err := checkEnd(rest, name, shown); err != nil {
		return "", err
	}
	parsed, err := url.Parse(text)
	if err != nil {
		// The error shows a part of the URL.
		return "", fmt.Errorf("%s %q is not a valid address: check the host, the port, and each %% in it", name, shown)
	}
	if err := checkHost(parsed, name, shown); err != nil {
		return "", err
	}
	// In the form in which it is used: with a zone of an IPv6 address escaped.
	used := url.URL{Scheme: "https", Host: parsed.Host, Path: parsed.Path, RawPath: parsed.RawPath}
	return strings.TrimRight(used.String(), "/"), nil
}

// checkEnd refuses a query and a fragment.
func checkEnd(rest, name, shown string) error {
	at := strings.IndexAny(rest, "?#")
	switch {
	case at < 0:
		return nil
	case at == len(rest)-1:
		return fmt.Errorf("%s %q ends in %q: remove it", name, shown, rest[at:])
	case rest[at] == '#':
		return fmt.Errorf("%s %q has a fragment: remove everything from # on", name, shown)
	default:
		return fmt.Errorf("%s %q has a query: remove everything from ? on; a token belongs in %s or a token file", name, shown, EnvToken)
	}
}

func checkHost(parsed *url.URL, name, shown string) error {
	if parsed.Hostname() == "" {
		return fmt.Errorf("%s %q has no host", name, shown)
	}
	if !validPort(parsed.Port()) {
		return fmt.Errorf("%s %q has no valid port", name, shown)
	}
	return nil
}

// portOwners are the services of Puppet on other ports.
var portOwners = map[string]string{"443": "usually the console's", "4433": "usually the console's", "8140": "Puppet Server's"}

// ServiceURLHint is the probable mistake in a service URL at which no Code Manager answers. It is a
// whole sentence that begins in lower case.
func ServiceURLHint(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Hostname() == "" {
		return "check the service URL, which usually ends in :" + defaultPort + "/code-manager."
	}
	usual := usualURL(parsed.Hostname())
	if at := strings.Index(parsed.Path, "/v1"); at >= 0 && (len(parsed.Path) == at+3 || parsed.Path[at+3] == '/') {
		return fmt.Sprintf("end the service URL before %s, which puppet-code adds itself: %s.", parsed.Path[at:],
			parsed.Scheme+"://"+parsed.Host+parsed.Path[:at])
	}
	port := cmp.Or(parsed.Port(), "443")
	if owner := portOwners[port]; owner != "" {
		return fmt.Sprintf("port %s is %s. The service URL of Code Manager is usually %s.", port, owner, usual)
	}
	if strings.TrimSuffix(parsed.Path, "/") != "/code-manager" {
		return fmt.Sprintf("check the service URL %s, which is usually %s.", presentableURL(endpoint), usual)
	}
	return fmt.Sprintf("check the service URL %s: another server answers there.", presentableURL(endpoint))
}
