package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/puppet-code/puppet-code/pkg/internal/proxy"
	"github.com/puppet-code/puppet-code/pkg/internal/redact"
	"github.com/puppet-code/puppet-code/pkg/service"
)

// useProxy makes a transport use a proxy for all connections.
func useProxy(transport *http.Transport, via *proxy.Proxy, dialer *net.Dialer) {
	transport.Proxy = http.ProxyURL(via.URL)
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
		if response.StatusCode != http.StatusOK {
			return &service.ProxyError{Proxy: via.String(), Err: errors.New("it returned " + redact.New(via.Secrets()...).Text(response.Status))}
		}
		return nil
	}
	if via.URL.Scheme != "https" {
		return
	}
	// TLSClientConfig trusts Puppet's authorities, for the server. For the proxy, the system's
	// authorities are trusted.
	overTLS := &tls.Dialer{NetDialer: dialer, Config: &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: via.URL.Hostname(), NextProtos: []string{"http/1.1"},
	}}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, transport.TLSHandshakeTimeout+dialer.Timeout)
		defer cancel()
		return overTLS.DialContext(ctx, network, address)
	}
}
