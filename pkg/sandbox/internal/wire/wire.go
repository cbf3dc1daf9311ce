// Package wire has the JSON that the sandbox answers with.
package wire

import (
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Status is how far the deployment of one environment has come.
type Status string

// The statuses a Code Manager reports for an environment. StatusPending is
// what servers before PE 2018 say for StatusQueued.
const (
	StatusNew       Status = "new"
	StatusQueued    Status = "queued"
	StatusPending   Status = "pending"
	StatusDeploying Status = "deploying"
	StatusComplete  Status = "complete"
	StatusFailed    Status = "failed"
)

// Deployment is one environment in the answer to POST /v1/deploys.
type Deployment struct {
	Environment string `json:"environment"`
	// ID is the place in the server's queue; nil in a dry run.
	ID *int64 `json:"id,omitzero"`
	// Status is empty in a dry run.
	Status Status `json:"status,omitempty"`
	// DeploySignature is the commit SHA of the control repo, once complete.
	DeploySignature string `json:"deploy-signature,omitempty"`
	// FileSync says which commits file sync took over, once complete.
	FileSync *FileSync `json:"file-sync,omitzero"`
	// Error says why the deployment failed.
	Error *ErrorObject `json:"error,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// FileSync are the commits of file sync's own repositories on the primary.
type FileSync struct {
	EnvironmentCommit string `json:"environment-commit,omitzero"`
	CodeCommit        string `json:"code-commit,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// ErrorObject is how a Code Manager describes a failure: of one environment
// inside an answer, or of a whole request.
type ErrorObject struct {
	// Kind is a slash-separated name such as puppetlabs.code-manager/deploy-failure.
	Kind string `json:"kind,omitempty"`
	Msg  string `json:"msg,omitempty"`
	// Details is an object, a string, null, or absent (nil), as the server likes.
	Details jsontext.Value `json:"details,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// CorrectedName is the environment name that r10k makes of a branch name:
// every character but ASCII letters, digits and underscore becomes an underscore.
func CorrectedName(branch string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		default:
			return '_'
		}
	}, branch)
}

// Timestamp is a point in time as a server wrote it, by the server's clock:
// RFC 3339, usually with milliseconds, in UTC. It is kept as text so that a
// form nobody foresaw is shown rather than lost.
type Timestamp string

// NewTimestamp formats t as a Code Manager does.
func NewTimestamp(t time.Time) Timestamp {
	return Timestamp(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

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

// The states of a service, of Code Manager itself and of file sync storage.
const (
	StateRunning = "running"
	StateError   = "error"
	StateUnknown = "unknown"
)

// What the status says of file sync: FileSyncEnabled is the value of file_sync
// where Code Manager syncs to compilers, FileSyncStorage the service on the
// primary that they ask.
const (
	FileSyncEnabled     = "enabled"
	FileSyncStorageName = "file-sync-storage"
)

// ServiceStatus is the answer to GET /v1/status: the health of Code Manager
// and of file sync.
type ServiceStatus struct {
	// State is StateRunning, StateError or StateUnknown.
	State  string        `json:"state"`
	Status ServiceDetail `json:"status"`
	// Alerts are what the server wants an administrator to know; their form is
	// not documented.
	Alerts []jsontext.Value `json:"alerts,omitzero"`
	// DetailLevel is "info", the only level there is.
	DetailLevel string `json:"detail_level,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

// ServiceDetail is the inner part of a ServiceStatus.
type ServiceDetail struct {
	// FileSync is FileSyncEnabled where Code Manager syncs to compilers.
	FileSync string `json:"file_sync,omitzero"`
	// Services gives the state of each, file-sync-storage above all.
	Services map[string]string `json:"services,omitzero"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}
