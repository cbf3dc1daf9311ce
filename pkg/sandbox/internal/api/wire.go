package api

import (
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

// These are the objects of the answers. Arrays are never null.

type errorObject struct {
	Kind    string `json:"kind"`
	Msg     string `json:"msg"`
	Details any    `json:"details,omitzero"`
}

// deployment is one environment in the answer to POST /v1/deploys.
type deployment struct {
	Environment string        `json:"environment"`
	ID          int64         `json:"id,omitzero"`
	Status      deploy.Status `json:"status,omitzero"`
	Signature   string        `json:"deploy-signature,omitzero"`
	FileSync    *fileSync     `json:"file-sync,omitzero"`
	Error       *errorObject  `json:"error,omitzero"`
	// QueuedAt is set only if the request names the id.
	QueuedAt string `json:"queued-at,omitzero"`
}

type fileSync struct {
	EnvironmentCommit string `json:"environment-commit"`
	CodeCommit        string `json:"code-commit"`
}

// deploysStatus is the answer to GET /v1/deploys/status.
type deploysStatus struct {
	Deploys struct {
		New       []queuedDeployment `json:"new"`
		Queued    []queuedDeployment `json:"queued"`
		Deploying []queuedDeployment `json:"deploying"`
		Failed    []queuedDeployment `json:"failed"`
	} `json:"deploys-status"`
	Storage struct {
		Deployed []deployed `json:"deployed"`
	} `json:"file-sync-storage-status"`
	Clients struct {
		AllSynced bool              `json:"all-synced"`
		Clients   map[string]client `json:"file-sync-clients"`
	} `json:"file-sync-client-status"`
}

type queuedDeployment struct {
	Environment string       `json:"environment"`
	QueuedAt    string       `json:"queued-at"`
	ID          int64        `json:"id,omitzero"`
	Error       *errorObject `json:"error,omitzero"`
}

type deployed struct {
	Environment string `json:"environment"`
	Date        string `json:"date"`
	Signature   string `json:"deploy-signature"`
}

type client struct {
	LastCheckIn *string    `json:"last_check_in_time"`
	Synced      bool       `json:"synced-with-file-sync-storage"`
	Deployed    []deployed `json:"deployed"`
}

// serviceStatus is the answer to GET /v1/status.
type serviceStatus struct {
	State  string `json:"state"`
	Status struct {
		FileSync string            `json:"file_sync"`
		Services map[string]string `json:"services"`
	} `json:"status"`
	Alerts      []string `json:"alerts"`
	DetailLevel string   `json:"detail_level"`
}

func (a *api) deployment(d deploy.Deployment) deployment {
	shown := deployment{Environment: d.Environment, ID: d.ID, Status: d.Status, Error: failureObject(d.Environment, d.Failure)}
	if d.Status == deploy.Complete {
		shown.Signature = d.Live.Signature
		shown.FileSync = &fileSync{EnvironmentCommit: d.Live.Commit(), CodeCommit: d.CodeCommit}
	}
	return shown
}

func (a *api) deployments(list []deploy.Deployment) []deployment {
	shown := make([]deployment, 0, len(list))
	for _, d := range list {
		shown = append(shown, a.deployment(d))
	}
	return shown
}

// failureObject is the error object of a failed deployment. Servers always add the corrected name of the
// environment, even if it is the same.
func failureObject(environment string, failure *deploy.Failure) *errorObject {
	if failure == nil {
		return nil
	}
	return &errorObject{
		Kind: failure.Kind, Msg: failure.Msg,
		Details: map[string]string{"corrected-name": environmentOf(environment)},
	}
}

// environmentOf is the name of the environment of a branch.
func environmentOf(branch string) string { return codemanager.EnvironmentName(branch) }

func (a *api) queuedDeployment(d deploy.Deployment) queuedDeployment {
	shown := queuedDeployment{
		Environment: d.Environment, QueuedAt: timestamp(d.QueuedAt), ID: d.ID, Error: failureObject(d.Environment, d.Failure),
	}
	if a.NoIDs {
		shown.ID = 0
	}
	return shown
}

func clientOf(c filesync.Client, primary live.Published) client {
	shown := client{Synced: c.Synced(primary), Deployed: deployedOf(c.Deployed)}
	if !c.LastCheckIn.IsZero() {
		stamp := timestamp(c.LastCheckIn)
		shown.LastCheckIn = &stamp
	}
	return shown
}

// deployedOf lists environments. Real servers give these dates in whole seconds.
func deployedOf(published live.Published) []deployed {
	list := make([]deployed, 0, len(published.Environments))
	for _, e := range published.Environments {
		list = append(list, deployed{Environment: e.Name, Date: timestamp(e.Date.Truncate(time.Second)), Signature: e.Signature})
	}
	return list
}

// timestamp is RFC 3339 with milliseconds, in UTC.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
