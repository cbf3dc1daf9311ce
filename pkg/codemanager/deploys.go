package codemanager

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
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

// InFlight reports whether a deployment in this status will still change.
func (s Status) InFlight() bool {
	switch s {
	case StatusNew, StatusQueued, StatusPending, StatusDeploying:
		return true
	default:
		return false
	}
}

// DeployRequest is the body of POST /v1/deploys. Either Environments or
// DeployAll says what to deploy.
type DeployRequest struct {
	// Environments are names of environments, as r10k makes them of branches.
	Environments []string `json:"environments,omitempty"`
	// DeployAll deploys every environment of every source.
	DeployAll bool `json:"deploy-all,omitzero"`
	// Wait asks for the answer only when every deployment is settled on all
	// compilers. The server sends nothing until then.
	Wait bool `json:"wait,omitzero"`
	// DryRun only connects to every remote and lists the environments. Servers
	// know it as dry_run; newer documentation spells it dry-run.
	DryRun bool `json:"dry_run,omitzero"`
	// DeployModules, when false, skips the modules of the Puppetfile. Nil
	// leaves the choice to the server (true). Since PE 2019.4.
	DeployModules *bool `json:"deploy-modules,omitzero"`
	// Modules limits the deployment to these modules. Since PE 2019.4.
	Modules []string `json:"modules,omitempty"`
	// Unknown holds members this client has no field for, as one JSON object.
	Unknown jsontext.Value `json:",embed"`
}

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

// Failed reports whether the server says that the environment could not be
// deployed. An error object counts, whatever the status beside it.
func (d Deployment) Failed() bool {
	return d.Status == StatusFailed || d.Error != nil
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

// CorrectedName is what the server says the environment is called that was
// asked for by the name of its branch, "" where it says nothing. Its key has
// changed over the years.
func (e *ErrorObject) CorrectedName() string {
	var names struct {
		Newer  string `json:"corrected-name"`
		Older  string `json:"corrected-env-name"`
		Oldest string `json:"env-name"`
	}
	if e.Details.Kind() != '{' || json.Unmarshal(e.Details, &names, lenient) != nil {
		return ""
	}
	return cmp.Or(names.Newer, names.Older, names.Oldest)
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

// FormatID gives a deployment's id as text, "" where there is none.
func FormatID(id *int64) string {
	if id == nil {
		return ""
	}
	return strconv.FormatInt(*id, 10)
}

// Timestamp is a point in time as a server wrote it, by the server's clock:
// RFC 3339, usually with milliseconds, in UTC. It is kept as text so that a
// form nobody foresaw is shown rather than lost.
type Timestamp string

// NewTimestamp formats t as a Code Manager does.
func NewTimestamp(t time.Time) Timestamp {
	return Timestamp(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// Time parses the timestamp; ok is false where it is empty or not RFC 3339.
func (t Timestamp) Time() (parsed time.Time, ok bool) {
	parsed, err := time.Parse(time.RFC3339Nano, string(t))
	return parsed, err == nil
}
