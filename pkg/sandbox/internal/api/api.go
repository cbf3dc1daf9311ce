// Package api answers HTTP requests like Code Manager. It turns them into deployments, and
// deployments into JSON.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// BasePath is where a real server has its API.
const BasePath = "/code-manager"

// Config is the configuration of the API.
type Config struct {
	Tokens   *tokens.Store
	Deployer *deploy.Deployer
	Queue    *deploy.Queue
	Clients  *filesync.Clients
	Log      *slog.Logger

	// NoIDs leaves ids out of deploys/status, as old servers do.
	NoIDs bool
	// DenyDeploy refuses all deployments.
	DenyDeploy bool
	// DropWaitAfter cuts the connection of a request that waits for longer; 0
	// never does.
	DropWaitAfter time.Duration
	// SyncTimeout is how long clients of file sync may take for a deployment.
	SyncTimeout time.Duration
	// Faults are the requests that are answered with an error instead.
	Faults Faults
}

type api struct {
	Config
	// closing ends when the server closes.
	closing context.Context
}

// Handler answers requests until closing ends; then waiting requests get an error.
func Handler(closing context.Context, config Config) http.Handler {
	a := &api{Config: config, closing: closing}
	return a.logged(a.Faults.handler(http.HandlerFunc(a.route)))
}

// route is the method and the handler of a path.
type route struct {
	method string
	// open routes need no token.
	open bool
	// handle gets the token of the request, empty on an open route.
	handle func(http.ResponseWriter, *http.Request, tokens.Token)
}

func (a *api) routes() map[string]route {
	return map[string]route{
		"/v1/deploys":        {method: http.MethodPost, handle: a.postDeploys},
		"/v1/deploys/status": {method: http.MethodGet, handle: a.getDeploysStatus},
		"/v1/webhook":        {method: http.MethodPost, handle: a.postWebhook},
		// Puppet documents that the status needs no token.
		"/v1/status": {method: http.MethodGet, open: true, handle: a.getStatus},
	}
}

// route answers a request. It is not an http.ServeMux because every answer is JSON, even to a wrong
// path or method.
func (a *api) route(w http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(strings.TrimSuffix(r.URL.Path, "/"), BasePath)
	found, known := a.routes()[path]
	if !below || !known {
		(&problem{
			status: http.StatusNotFound, kind: KindNotFound,
			msg: "nothing is at this path; the API is below " + BasePath + "/v1",
		}).write(w)
		return
	}
	if r.Method != found.method {
		w.Header().Set("Allow", found.method)
		(&problem{
			status: http.StatusMethodNotAllowed, kind: KindMethodNotAllowed,
			msg: "this path accepts only " + found.method,
		}).write(w)
		return
	}
	var token tokens.Token
	if !found.open {
		var refused *problem
		if token, refused = a.authenticate(r); refused != nil {
			refused.write(w)
			return
		}
	}
	found.handle(w, r, token)
}
