package sandbox

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/queue"
)

// getStatus answers GET /v1/status.
func (a *api) getStatus(w http.ResponseWriter, r *http.Request, _ grant) {
	if level := r.URL.Query().Get("level"); level != "" && level != "info" {
		invalid("level " + strconv.Quote(shorten(level)) + " is not supported: info is the only one").write(w)
		return
	}
	writeJSON(w, http.StatusOK, codemanager.ServiceStatus{
		State: codemanager.StateRunning,
		Status: codemanager.ServiceDetail{
			FileSync: "enabled",
			Services: map[string]string{"file-sync-storage": codemanager.StateRunning},
		},
		Alerts:      []jsontext.Value{},
		DetailLevel: "info",
	})
}

// getDeploysStatus answers GET /v1/deploys/status, for all or for one id.
func (a *api) getDeploysStatus(w http.ResponseWriter, r *http.Request, _ grant) {
	if query := r.URL.Query(); query.Has("id") {
		a.getDeployment(w, query.Get("id"))
		return
	}
	// The queue is read first: what leaves it meanwhile is in storage then.
	status := codemanager.DeploysStatus{Deploys: a.queueStatus()}
	stored, clients := a.fleet.Report()
	status.Storage.Deployed = deployed(stored)
	status.Clients = clientStatus(clients)
	writeJSON(w, http.StatusOK, status)
}

// deploymentDetail is one deployment, with when it was queued.
type deploymentDetail struct {
	codemanager.Deployment
	QueuedAt codemanager.Timestamp `json:"queued-at"`
}

func (a *api) getDeployment(w http.ResponseWriter, text string) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		invalid("id " + strconv.Quote(shorten(text)) + " is not a number of a deployment").write(w)
		return
	}
	found, ok := a.queue.Find(id)
	if !ok {
		(&problem{
			status: http.StatusNotFound, kind: kindNotFound,
			msg: "there is no deployment with id " + strconv.FormatInt(id, 10) + ", or it is forgotten",
		}).write(w)
		return
	}
	writeJSON(w, http.StatusOK, deploymentDetail{Deployment: found.Deployment, QueuedAt: codemanager.NewTimestamp(found.QueuedAt)})
}

// queueStatus sorts the deployments by state. Nothing is new for long enough
// to be seen: deployments are queued in the moment they are accepted.
func (a *api) queueStatus() codemanager.DeploysQueue {
	status := codemanager.DeploysQueue{
		New: []codemanager.QueuedDeploy{}, Queued: []codemanager.QueuedDeploy{},
		Deploying: []codemanager.QueuedDeploy{}, Failed: []codemanager.QueuedDeploy{},
	}
	for _, d := range a.queue.List() {
		switch d.Status {
		case codemanager.StatusQueued:
			status.Queued = append(status.Queued, a.queuedDeploy(d))
		case codemanager.StatusDeploying:
			status.Deploying = append(status.Deploying, a.queuedDeploy(d))
		case codemanager.StatusFailed:
			status.Failed = append(status.Failed, a.queuedDeploy(d))
		default: // complete deployments are in storage
		}
	}
	return status
}

func (a *api) queuedDeploy(d queue.Deployment) codemanager.QueuedDeploy {
	shown := codemanager.QueuedDeploy{
		Environment: d.Environment, QueuedAt: codemanager.NewTimestamp(d.QueuedAt), ID: d.ID, Error: d.Error,
	}
	if a.noIDs {
		shown.ID = nil
	}
	return shown
}

// clientStatus is what all compilers report.
func clientStatus(clients []filesync.Client) codemanager.FileSyncClientSet {
	set := codemanager.FileSyncClientSet{AllSynced: true, Clients: map[string]codemanager.FileSyncClient{}}
	for _, client := range clients {
		shown := codemanager.FileSyncClient{Synced: client.Synced, Deployed: deployed(client.Deployed)}
		if !client.LastCheckIn.IsZero() {
			stamp := codemanager.NewTimestamp(client.LastCheckIn)
			shown.LastCheckIn = &stamp
		}
		set.Clients[client.Name] = shown
		set.AllSynced = set.AllSynced && client.Synced
	}
	return set
}

// deployed lists records by name. Real servers give these dates in whole
// seconds.
func deployed(records map[string]filesync.Record) []codemanager.DeployedEnvironment {
	list := make([]codemanager.DeployedEnvironment, 0, len(records))
	for _, record := range filesync.Sorted(records) {
		list = append(list, codemanager.DeployedEnvironment{
			Environment:     record.Environment,
			Date:            codemanager.NewTimestamp(record.Date.Truncate(time.Second)),
			DeploySignature: record.Signature,
		})
	}
	return list
}
