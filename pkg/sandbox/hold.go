package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/queue"
)

var (
	// errDropped ends a wait as an idle proxy does.
	errDropped = errors.New("the connection was idle for too long")
	// errClosing ends a wait because the server closes.
	errClosing = errors.New("the server is shutting down")
)

// hold answers when all deployments are settled and all compilers have what
// they made, and what was purged before them. A client that goes away ends the
// wait, never the deployments.
func (a *api) hold(w http.ResponseWriter, r *http.Request, tickets []*queue.Ticket, version int64) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(a.life, func() { cancel(errClosing) })()
	if a.dropWaitAfter > 0 {
		defer time.AfterFunc(a.dropWaitAfter, func() { cancel(errDropped) }).Stop()
	}
	settled, err := a.await(ctx, tickets, version)
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, settled)
	case errors.Is(err, errDropped):
		a.drop(w)
	case errors.Is(err, errClosing):
		(&problem{status: http.StatusServiceUnavailable, kind: kindUnavailable, msg: err.Error()}).write(w)
	default:
		a.log.Info("a client that waited went away; its deployments go on", "client", r.RemoteAddr)
	}
}

// await collects the settled deployments, and then waits for file sync.
func (a *api) await(ctx context.Context, tickets []*queue.Ticket, version int64) ([]codemanager.Deployment, error) {
	settled := make([]codemanager.Deployment, 0, len(tickets))
	for _, ticket := range tickets {
		deployment, err := ticket.Wait(ctx)
		if err != nil {
			return nil, err
		}
		version = max(version, deployment.Version)
		settled = append(settled, deployment.Deployment)
	}
	syncing, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	err := a.fleet.Await(syncing, version)
	if errors.Is(err, context.DeadlineExceeded) {
		return unsynced(settled), nil
	}
	return settled, err
}

// unsynced turns what is complete into failures: not all compilers have it.
func unsynced(settled []codemanager.Deployment) []codemanager.Deployment {
	for i, deployment := range settled {
		if deployment.Status != codemanager.StatusComplete {
			continue
		}
		settled[i].Status = codemanager.StatusFailed
		settled[i].Error = &codemanager.ErrorObject{
			Kind: kindDeployFailure,
			Msg:  "Timed out waiting for all compilers to sync environment '" + deployment.Environment + "'.",
		}
	}
	return settled
}

// drop closes the TCP connection without a word, not even TLS's goodbye.
func (a *api) drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		a.log.Error("a connection cannot be dropped", "error", err)
		panic(http.ErrAbortHandler) // the server's own way to send nothing
	}
	a.log.Info("dropping the connection of a client that waits; its deployments go on", "client", conn.RemoteAddr())
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.Close() // that is all there is to do
}
