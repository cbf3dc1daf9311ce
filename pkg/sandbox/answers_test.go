package sandbox

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// These are the answers of the API as tests read them.

const (
	queued    = "queued"
	deploying = "deploying"
	complete  = "complete"
	failed    = "failed"
)

type deployment struct {
	Environment     string       `json:"environment"`
	ID              *int64       `json:"id"`
	Status          string       `json:"status"`
	DeploySignature string       `json:"deploy-signature"`
	FileSync        *fileSync    `json:"file-sync"`
	Error           *errorObject `json:"error"`
	QueuedAt        string       `json:"queued-at"`
}

type fileSync struct {
	EnvironmentCommit string `json:"environment-commit"`
	CodeCommit        string `json:"code-commit"`
}

type errorObject struct {
	Kind    string         `json:"kind"`
	Msg     string         `json:"msg"`
	Details jsontext.Value `json:"details"`
}

type deploysStatus struct {
	Deploys struct {
		New       []deployment `json:"new"`
		Queued    []deployment `json:"queued"`
		Deploying []deployment `json:"deploying"`
		Failed    []deployment `json:"failed"`
	} `json:"deploys-status"`
	Storage struct {
		Deployed []deployed `json:"deployed"`
	} `json:"file-sync-storage-status"`
	Clients struct {
		AllSynced bool              `json:"all-synced"`
		Clients   map[string]client `json:"file-sync-clients"`
	} `json:"file-sync-client-status"`
}

type deployed struct {
	Environment     string    `json:"environment"`
	Date            time.Time `json:"date"`
	DeploySignature string    `json:"deploy-signature"`
}

type client struct {
	LastCheckIn *time.Time `json:"last_check_in_time"`
	Synced      bool       `json:"synced-with-file-sync-storage"`
	Deployed    []deployed `json:"deployed"`
}
