package codemanager

import "github.com/go-json-experiment/json/jsontext"

// DeploysStatus is the answer to GET /v1/deploys/status: what is queued,
// deploying and failed, what the primary has staged, and what is live on each
// compiler. There is no list of complete deployments.
type DeploysStatus struct {
	Deploys DeploysQueue      `json:"deploys-status"`
	Storage FileSyncStorage   `json:"file-sync-storage-status"`
	Clients FileSyncClientSet `json:"file-sync-client-status"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// DeploysQueue holds deployments by state. One environment can be in several
// of them; a failure lingers for the server's deploy-ttl (an hour) although a
// later deployment succeeded.
type DeploysQueue struct {
	New       []QueuedDeploy `json:"new"`
	Queued    []QueuedDeploy `json:"queued"`
	Deploying []QueuedDeploy `json:"deploying"`
	Failed    []QueuedDeploy `json:"failed"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// QueuedDeploy is one deployment that is under way or failed.
type QueuedDeploy struct {
	Environment string    `json:"environment"`
	QueuedAt    Timestamp `json:"queued-at"`
	// ID is nil on servers that do not report it.
	ID *int64 `json:"id,omitzero"`
	// Error is there in the failed list only.
	Error *ErrorObject `json:"error,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// FileSyncStorage is what the primary has staged.
type FileSyncStorage struct {
	Deployed []DeployedEnvironment `json:"deployed"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// DeployedEnvironment is an environment in staging or on a compiler.
type DeployedEnvironment struct {
	Environment string    `json:"environment"`
	Date        Timestamp `json:"date"`
	// DeploySignature is the commit SHA of the control repo.
	DeploySignature string `json:"deploy-signature"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// FileSyncClientSet is what every compiler has live, by host name.
type FileSyncClientSet struct {
	AllSynced bool                      `json:"all-synced"`
	Clients   map[string]FileSyncClient `json:"file-sync-clients"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// FileSyncClient is one compiler.
type FileSyncClient struct {
	// LastCheckIn is nil for a compiler that never asked for anything.
	LastCheckIn *Timestamp            `json:"last_check_in_time"`
	Synced      bool                  `json:"synced-with-file-sync-storage"`
	Deployed    []DeployedEnvironment `json:"deployed"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}
