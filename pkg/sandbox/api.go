package sandbox

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/queue"
)

// basePath is where a real server has its API.
const basePath = "/code-manager"

// api answers requests.
type api struct {
	// life ends when the server closes.
	life     context.Context
	auth     *authenticator
	deployer *deployer
	queue    *queue.Queue
	fleet    *filesync.Fleet
	log      *slog.Logger

	noIDs         bool
	dropWaitAfter time.Duration
	answerTimeout time.Duration
}

// route is what a path answers to.
type route struct {
	method string
	// open routes need no token.
	open bool
	// handle gets what the token allows; nothing on an open route.
	handle func(http.ResponseWriter, *http.Request, grant)
}

func (a *api) routes() map[string]route {
	return map[string]route{
		basePath + "/v1/deploys":        {method: http.MethodPost, handle: a.postDeploys},
		basePath + "/v1/deploys/status": {method: http.MethodGet, handle: a.getDeploysStatus},
		// Puppet documents that its status needs no token.
		basePath + "/v1/status": {method: http.MethodGet, open: true, handle: a.getStatus},
	}
}

// handler routes requests by hand: every answer, also to a wrong path or
// method, is JSON.
func (a *api) handler() http.Handler {
	routes := a.routes()
	return a.logged(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, known := routes[strings.TrimSuffix(r.URL.Path, "/")]
		if !known {
			(&problem{
				status: http.StatusNotFound, kind: kindNotFound,
				msg: "there is nothing at this path; the API is below " + basePath + "/v1",
			}).write(w)
			return
		}
		if r.Method != found.method {
			w.Header().Set("Allow", found.method)
			(&problem{
				status: http.StatusMethodNotAllowed, kind: kindMethodNotAllowed,
				msg: "this path answers to " + found.method + " only",
			}).write(w)
			return
		}
		var user grant
		if !found.open {
			var refused *problem
			if user, refused = a.auth.authenticate(tokenOf(r)); refused != nil {
				refused.write(w)
				return
			}
		}
		found.handle(w, r, user)
	}))
}
