package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/pki"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/rbac"
)

const (
	// defaultSyncTimeout is that of a real server.
	defaultSyncTimeout = 60 * time.Second
	// shutdownTimeout is how long Close waits for unfinished answers, and for clients that have
	// connected and sent nothing yet.
	shutdownTimeout = 500 * time.Millisecond
)

// Server is a running sandbox.
type Server struct {
	service *service
	http    *http.Server
	url     string
	// tokenHTTP is the token service, at rbacURL; it has the authority's certificate at caURL.
	tokenHTTP      *http.Server
	rbacURL, caURL string
	// exposed is true if other machines can connect.
	exposed bool

	stop context.CancelFunc
	done chan struct{}

	closing  sync.Once
	closeErr error
}

// Start starts a sandbox and returns when it answers. It runs until Close, or
// until ctx ends. Errors are about the options, the file system or the
// address.
func Start(ctx context.Context, options Options) (*Server, error) {
	options = options.withDefaults()
	if err := options.check(); err != nil {
		return nil, err
	}
	// Bound first, so that no files are created if an address is in use.
	apiListener, err := listen(ctx, "listen", options.Listen)
	if err != nil {
		return nil, err
	}
	fill(&options.RBACListen, net.JoinHostPort(apiListener.host, "0"))
	tokenListener, err := listen(ctx, "rbac-listen", options.RBACListen)
	if err != nil {
		return nil, errors.Join(err, apiListener.Close())
	}
	running, stop := context.WithCancel(ctx)
	server := &Server{
		exposed: !isLoopback(apiListener.host) || !isLoopback(tokenListener.host), stop: stop, done: make(chan struct{}),
	}
	if server.service, err = build(running, options); err == nil {
		if err = server.serve(apiListener, tokenListener, options); err != nil {
			err = errors.Join(err, server.service.close())
		}
	}
	if err != nil {
		stop()
		return nil, errors.Join(err, apiListener.Close(), tokenListener.Close())
	}
	context.AfterFunc(running, func() { _ = server.Close() })
	return server, nil
}

// boundListener is a listener with the host that the user named.
type boundListener struct {
	net.Listener
	host string
}

func listen(ctx context.Context, name, hostPort string) (boundListener, error) {
	host, port, err := splitListen(hostPort)
	if err != nil {
		return boundListener{}, option(name, err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return boundListener{}, fmt.Errorf("listen on %s: %w", hostPort, err)
	}
	return boundListener{listener, host}, nil
}

// url is the URL of the listener, without a path.
func (l boundListener) url() string {
	_, port, _ := net.SplitHostPort(l.Addr().String()) // a TCP address has a port
	return "https://" + net.JoinHostPort(urlHost(l.host), port)
}

// serve answers on both listeners, with one certificate.
func (s *Server) serve(apiListener, tokenListener boundListener, options Options) error {
	secure, err := s.secure(options, apiListener.host, tokenListener.host)
	if err != nil {
		return err
	}
	s.url = apiListener.url() + api.BasePath
	s.rbacURL = tokenListener.url() + rbac.BasePath
	s.caURL = tokenListener.url() + caPath
	s.http = newHTTPServer(s.service.handler, options)
	s.tokenHTTP = newHTTPServer(s.withCA(s.service.tokenService), options)
	var running sync.WaitGroup
	running.Go(func() { run(s.http, tls.NewListener(apiListener, secure), options.Logger) })
	running.Go(func() { run(s.tokenHTTP, tls.NewListener(tokenListener, secure), options.Logger) })
	go func() {
		running.Wait()
		close(s.done)
	}()
	return nil
}

// caPath is where Puppet's CA answers with its certificate.
const caPath = "/puppet-ca/v1/certificate/ca"

// withCA answers with the authority's certificate in addition, as Puppet's CA does: without a
// token.
func (s *Server) withCA(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET "+caPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		http.ServeFile(w, r, s.CACertFile())
	})
	return mux
}

// secure is the TLS of both services.
func (s *Server) secure(options Options, hosts ...string) (*tls.Config, error) {
	authority, err := pki.Load(s.service.folder.caCert(), s.service.folder.caKey(), options.Now())
	if err != nil {
		return nil, err
	}
	names, addresses := certificateHosts(hosts...)
	certificate, err := authority.ServerCertificate(names, addresses, options.Now())
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		// Requested, but not required: the token identifies the client.
		ClientAuth: tls.RequestClientCert,
		ClientCAs:  authority.Pool(),
	}, nil
}

func newHTTPServer(handler http.Handler, options Options) *http.Server {
	server := &http.Server{ //nolint:gosec // slow clients harm nobody here
		Handler:  handler,
		ErrorLog: slog.NewLogLogger(options.Logger.Handler(), slog.LevelInfo),
		// A real server speaks HTTP/1, and does not ask which protocol a client wants (ALPN). A
		// waiting request has a separate connection, which can be dropped.
		Protocols: new(http.Protocols),
	}
	server.Protocols.SetHTTP1(true)
	return server
}

func run(server *http.Server, listener net.Listener, logger *slog.Logger) {
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		logger.Error("the server stopped", "error", err)
	}
}

// URL is the service URL, https://HOST:PORT/code-manager.
func (s *Server) URL() string { return s.url }

// RBACURL is the URL of the token service, https://HOST:PORT/rbac-api. UserName
// logs in there, with the password in PasswordFile.
func (s *Server) RBACURL() string { return s.rbacURL }

// CAURL has the certificate of the authority, as Puppet's CA has it:
// https://HOST:PORT/puppet-ca/v1/certificate/ca.
func (s *Server) CAURL() string { return s.caURL }

// PasswordFile holds the password of UserName, on one line.
func (s *Server) PasswordFile() string { return s.service.passwordFile }

// Exposed reports whether other machines can connect: the address is not one
// of loopback.
func (s *Server) Exposed() bool { return s.exposed }

// CACertFile is the PEM file of the authority that signed the server's
// certificate.
func (s *Server) CACertFile() string { return s.service.folder.caCert() }

// TokenFile holds the token that is accepted.
func (s *Server) TokenFile() string { return s.service.tokenFile }

// ControlRepo is the path or URL of the control repository. The sample repository can be cloned
// from there, and accepts pushes.
func (s *Server) ControlRepo() string { return s.service.controlRepo }

// Codedir is the code directory of the primary.
func (s *Server) Codedir() string { return s.service.codedir }

// Dir is the folder with everything the sandbox made.
func (s *Server) Dir() string { return s.service.folder.root }

// Done is closed when the server no longer answers.
func (s *Server) Done() <-chan struct{} { return s.done }

// Close ends all deployments, answers requests that wait with an error, stops the server and
// deletes a temporary folder. It may be called more than once. An error means that files are left,
// but never the token or a private key.
func (s *Server) Close() error {
	s.closing.Do(func() {
		s.stop()
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		err := errors.Join(shutdown(ctx, s.http), shutdown(ctx, s.tokenHTTP))
		<-s.done
		s.closeErr = errors.Join(err, s.service.close())
	})
	return s.closeErr
}

func shutdown(ctx context.Context, server *http.Server) error {
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // a client that has not read its answer by now will not
	}
	return err
}
