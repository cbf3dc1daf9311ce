package api

import (
	"net/http"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// postDeploys answers POST /v1/deploys.
func (a *api) postDeploys(w http.ResponseWriter, r *http.Request, token tokens.Token) {
	if refused := a.mayDeploy(); refused != nil {
		refused.write(w)
		return
	}
	request, refused := readDeployRequest(http.MaxBytesReader(w, r.Body, maxBody))
	if refused != nil {
		refused.write(w)
		return
	}
	if request.DryRun || request.DryRunHyphen {
		a.dryRun(w)
		return
	}
	job := deploy.Request{
		Environments: request.Environments,
		Modules:      engine.Modules{Skip: request.DeployModules != nil && !*request.DeployModules, Only: request.Modules},
	}
	if request.DeployAll {
		if job.Environments, refused = a.listAndPurge(); refused != nil {
			refused.write(w)
			return
		}
		job.Purged = true
	}
	purged := a.Deployer.Live.Published().Revision
	batch := a.Queue.Submit(job)
	a.Log.Info("deployments queued", "user", token.User, "number", len(batch.Accepted))
	if request.Wait {
		a.answerWhenSettled(w, r, batch, purged)
		return
	}
	writeJSON(w, http.StatusOK, a.deployments(batch.Accepted))
}

// listAndPurge lists all environments and removes those that have no branch.
func (a *api) listAndPurge() ([]string, *problem) {
	// Read before the list, so that later publications are not purged.
	revision := a.Deployer.Live.Published().Revision
	names, refused := a.list()
	if refused == nil {
		a.Deployer.Purge(names, revision)
	}
	return names, refused
}

func (a *api) list() ([]string, *problem) {
	names, failure := a.Deployer.List(a.closing)
	if failure != nil {
		return nil, &problem{status: http.StatusInternalServerError, kind: failure.Kind, msg: failure.Msg, details: failure.Output}
	}
	return names, nil
}

// dryRun lists the names of the environments.
func (a *api) dryRun(w http.ResponseWriter) {
	names, refused := a.list()
	if refused != nil {
		refused.write(w)
		return
	}
	listed := make([]deployment, 0, len(names))
	for _, name := range names {
		listed = append(listed, deployment{Environment: name})
	}
	writeJSON(w, http.StatusOK, listed)
}
