package sandbox

import (
	"net/http"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/queue"
)

// postDeploys answers POST /v1/deploys.
func (a *api) postDeploys(w http.ResponseWriter, r *http.Request, user grant) {
	if refused := user.mayDeploy(); refused != nil {
		refused.write(w)
		return
	}
	request, refused := decodeDeployRequest(http.MaxBytesReader(w, r.Body, maxBody))
	if refused != nil {
		refused.write(w)
		return
	}
	if request.dryRun {
		a.dryRun(w, user)
		return
	}
	environments := request.environments
	if request.all {
		// Asked for before the list: what is published later is not purged.
		version := a.deployer.storage.Version()
		if environments, refused = a.deployer.list(a.life); refused != nil {
			refused.write(w)
			return
		}
		a.deployer.purge(environments, version, user.allows)
	}
	purged := a.deployer.storage.Version()
	tickets := a.queue.Submit(queue.Batch{Environments: environments, Modules: request.modules, Refuse: user.refuse})
	a.log.Info("deployments queued", "user", user.user, "number", len(tickets))
	if request.wait {
		a.hold(w, r, tickets, purged)
		return
	}
	accepted := make([]codemanager.Deployment, 0, len(tickets))
	for _, ticket := range tickets {
		accepted = append(accepted, ticket.Queued())
	}
	writeJSON(w, http.StatusOK, accepted)
}

// dryRun lists the environments: names, and an error beside those that the user
// may not deploy.
func (a *api) dryRun(w http.ResponseWriter, user grant) {
	names, refused := a.deployer.list(a.life)
	if refused != nil {
		refused.write(w)
		return
	}
	listed := make([]codemanager.Deployment, 0, len(names))
	for _, name := range names {
		listed = append(listed, codemanager.Deployment{Environment: name, Error: user.refuse(name)})
	}
	writeJSON(w, http.StatusOK, listed)
}
