package sandbox

import (
	"net/http"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// postDeploys answers POST /v1/deploys.
func (a *api) postDeploys(w http.ResponseWriter, r *http.Request) {
	request, refused := decodeDeployRequest(http.MaxBytesReader(w, r.Body, maxBody))
	if refused != nil {
		refused.write(w)
		return
	}
	if request.dryRun {
		a.dryRun(w)
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
		a.deployer.purge(environments, version)
	}
	purged := a.deployer.storage.Version()
	tickets := a.queue.Submit(environments, request.modules)
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

// dryRun lists the environments: name only.
func (a *api) dryRun(w http.ResponseWriter) {
	names, refused := a.deployer.list(a.life)
	if refused != nil {
		refused.write(w)
		return
	}
	listed := make([]codemanager.Deployment, 0, len(names))
	for _, name := range names {
		listed = append(listed, codemanager.Deployment{Environment: name})
	}
	writeJSON(w, http.StatusOK, listed)
}
