package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
)

// connect opens a connection with a configuration of one's own.
func (h *harness) connect(t *testing.T, config *tls.Config) (*tls.Conn, error) {
	t.Helper()
	config.RootCAs = h.client.Transport.(*http.Transport).TLSClientConfig.RootCAs
	conn, err := tls.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(h.URL(), "https://"), api.BasePath), config)
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() })
		err = conn.SetDeadline(time.Now().Add(patience))
	}
	return conn, err
}

// TestCertificateChainHasNoRoot: the root is not sent, because clients must have it already.
func TestCertificateChainHasNoRoot(t *testing.T) {
	h := start(t, Options{})
	conn, err := h.connect(t, &tls.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if sent := conn.ConnectionState().PeerCertificates; len(sent) != 1 || sent[0].IsCA {
		t.Errorf("%d certificates are sent", len(sent))
	}
}

// TestProtocols: old clients get an answer, whichever protocols they offer.
func TestProtocols(t *testing.T) {
	h := start(t, Options{})
	for _, offered := range [][]string{nil, {"http/1.0"}, {"http/1.1"}, {"h2", "http/1.1"}, {"h2"}} {
		for _, version := range []string{"1.0", "1.1"} {
			conn, err := h.connect(t, &tls.Config{NextProtos: offered})
			if err != nil {
				t.Errorf("%v: %v", offered, err)
				continue
			}
			fmt.Fprintf(conn, "GET %s/v1/status HTTP/%s\r\nHost: localhost\r\nConnection: close\r\n\r\n", api.BasePath, version)
			text, err := io.ReadAll(conn)
			if err != nil || !strings.HasPrefix(string(text), "HTTP/"+version+" 200 OK\r\n") || !strings.HasSuffix(string(text), "}\n") {
				t.Errorf("%v, HTTP %s: %q, %v", offered, version, text, err)
			}
		}
	}
}

// TestClientCertificate: a client certificate is requested, but not required.
func TestClientCertificate(t *testing.T) {
	h := start(t, Options{})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, have := range []tls.Certificate{{}, {Certificate: [][]byte{der}, PrivateKey: key}} {
		asked := false
		conn, err := h.connect(t, &tls.Config{GetClientCertificate: func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = len(info.AcceptableCAs) == 1
			return &have, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", api.BasePath)
		if text, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 200 ") || !asked {
			t.Errorf("asked %t: %q, %v", asked, text, err)
		}
	}
}
