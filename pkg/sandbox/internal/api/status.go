package api

import (
	"net/http"
	"strconv"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// getStatus answers GET /v1/status.
func (a *api) getStatus(w http.ResponseWriter, r *http.Request, _ tokens.Token) {
	if level := r.URL.Query().Get("level"); level != "" && level != "info" {
		invalid("level " + strconv.Quote(engine.Shorten(level)) + " is not supported: use info").write(w)
		return
	}
	status := serviceStatus{State: "running", Alerts: []string{}, DetailLevel: "info"}
	status.Status.FileSync = "enabled"
	status.Status.Services = map[string]string{"file-sync-storage": "running"}
	writeJSON(w, http.StatusOK, status)
}

// getDeploysStatus answers GET /v1/deploys/status, for all or for one id.
func (a *api) getDeploysStatus(w http.ResponseWriter, r *http.Request, _ tokens.Token) {
	if query := r.URL.Query(); query.Has("id") {
		a.getDeployment(w, query.Get("id"))
		return
	}
	// The queue is read first: a deployment that leaves it meanwhile is in
	// storage then.
	var status deploysStatus
	a.sortByStatus(&status)
	primary, clients := a.Clients.Report()
	status.Storage.Deployed = deployedOf(primary)
	status.Clients.AllSynced, status.Clients.Clients = true, map[string]client{}
	for _, c := range clients {
		status.Clients.Clients[c.Name] = clientOf(c, primary)
		status.Clients.AllSynced = status.Clients.AllSynced && c.Synced(primary)
	}
	writeJSON(w, http.StatusOK, status)
}

func (a *api) getDeployment(w http.ResponseWriter, text string) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		invalid("id " + strconv.Quote(engine.Shorten(text)) + " is not the number of a deployment").write(w)
		return
	}
	found, ok := a.Queue.Find(id)
	if !ok {
		(&problem{
			status: http.StatusNotFound, kind: KindNotFound,
			msg: "there is no deployment with id " + strconv.FormatInt(id, 10) + ", or the server no longer knows it",
		}).write(w)
		return
	}
	shown := a.deployment(found)
	shown.QueuedAt = timestamp(found.QueuedAt)
	writeJSON(w, http.StatusOK, shown)
}

// sortByStatus fills the lists of deployments. Nothing is new for long enough to
// be seen: deployments are queued in the moment they are accepted.
func (a *api) sortByStatus(status *deploysStatus) {
	lists := map[deploy.Status]*[]queuedDeployment{
		deploy.Queued: &status.Deploys.Queued, deploy.Deploying: &status.Deploys.Deploying, deploy.Failed: &status.Deploys.Failed,
	}
	for _, d := range a.Queue.List() {
		// Complete deployments are in storage.
		if list, shown := lists[d.Status]; shown {
			*list = append(*list, a.queuedDeployment(d))
		}
	}
}
