package api

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
)

var (
	// errDropped ends a wait, like a proxy with an idle timeout.
	errDropped = errors.New("the connection was idle for too long")
	// errClosing ends a wait because the server closes.
	errClosing = errors.New("the server is shutting down")
)

// answerWhenSettled answers when all deployments are settled and all clients of file sync have the
// result, and the removals up to a revision. If the HTTP client disconnects, the wait ends, but the
// deployments continue.
func (a *api) answerWhenSettled(w http.ResponseWriter, r *http.Request, batch *deploy.Batch, revision int64) {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(a.closing, func() { cancel(errClosing) })()
	if a.DropWaitAfter > 0 {
		defer time.AfterFunc(a.DropWaitAfter, func() { cancel(errDropped) }).Stop()
	}
	settled, err := a.await(ctx, batch, revision)
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, a.deployments(settled))
	case errors.Is(err, errDropped):
		a.drop(w)
	case errors.Is(err, errClosing):
		(&problem{status: http.StatusServiceUnavailable, kind: KindUnavailable, msg: err.Error()}).write(w)
	default:
		a.Log.Info("a waiting client disconnected; its deployments continue", "client", r.RemoteAddr)
	}
}

// await collects the settled deployments, and then waits for file sync.
func (a *api) await(ctx context.Context, batch *deploy.Batch, revision int64) ([]deploy.Deployment, error) {
	settled, err := batch.Wait(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range settled {
		revision = max(revision, d.Revision)
	}
	syncing, cancel := context.WithTimeout(ctx, a.SyncTimeout)
	defer cancel()
	behind, err := a.Clients.Await(syncing, revision)
	if errors.Is(err, context.DeadlineExceeded) {
		return a.notSynced(settled, behind), nil
	}
	return settled, err
}

// notSynced turns complete deployments into failures, because not all clients have them.
func (a *api) notSynced(settled []deploy.Deployment, behind []string) []deploy.Deployment {
	for i, d := range settled {
		if d.Status == deploy.Complete {
			failure := &deploy.Failure{
				Kind: deploy.KindDeployFailure,
				Msg: "Timed out waiting for all compilers to sync environment '" + d.Environment + "'. Not synced: " +
					strings.Join(behind, ", ") + ".",
			}
			a.Queue.Fail(d.ID, failure)
			settled[i].Status, settled[i].Failure = deploy.Failed, failure
		}
	}
	return settled
}

// drop closes the TCP connection without any message, not even the end of TLS.
func (a *api) drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		a.Log.Error("a connection cannot be dropped", "error", err)
		panic(http.ErrAbortHandler) // the server's own way to send nothing
	}
	a.Log.Info("dropping the connection of a waiting client; its deployments continue", "client", conn.RemoteAddr())
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.Close() // that is all there is to do
}
