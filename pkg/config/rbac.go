package config

import (
	"net"
	"net/url"
)

// rbacPort is where the token service listens on the console's host.
const rbacPort = "4433"

// RBACURL is the unchecked address of the token service, with its origin: --rbac-url,
// PUPPET_CODE_RBAC_URL, rbac-url of puppet-code.conf, service-url of puppet-access.conf, or
// https://HOST:4433/rbac-api on the host of the service URL. Its Text is "" if there is no service URL either. Errors: a
// puppet-access.conf can't be read.
func (c Config) RBACURL() (Value, error) {
	if v := c.configured(KeyRBACURL); v.Text != "" {
		return v, nil
	}
	files, err := c.readFiles(false, c.sources.Paths.UserAccessFile, c.sources.Paths.GlobalAccessFile)
	if err != nil {
		return Value{}, err
	}
	if v := valueIn(files, KeyServiceURL); v.Text != "" {
		return v, nil
	}
	endpoint, err := c.Endpoint()
	if err != nil {
		return byDefault(""), nil //nolint:nilerr // print-config shows it as not set
	}
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return Value{}, err
	}
	return byDefault(UsualRBACURL(parsed.Hostname())), nil
}

// UsualRBACURL is the default URL of the token service on the host of a console.
func UsualRBACURL(host string) string {
	return "https://" + net.JoinHostPort(host, rbacPort) + "/rbac-api"
}

// RBACEndpoint is the checked address of the token service, without a slash at
// its end. Errors are those of [Config.RBACURL] and [Config.Endpoint].
func (c Config) RBACEndpoint() (string, error) {
	v, err := c.RBACURL()
	if err == nil && v.Text == "" {
		_, err = c.Endpoint() // the reason why there is no address
	}
	if err != nil {
		return "", err
	}
	return v.endpoint(KeyRBACURL, "the URL of the token service")
}

// URLForDisplay is the URL, or <redacted> if it may contain a secret.
func (v Value) URLForDisplay() string { return presentableURL(v.Text) }
