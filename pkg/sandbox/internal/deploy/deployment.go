// Package deploy runs deployments: it has a queue with a pool of workers, and the steps of one
// deployment.
package deploy

import (
	"errors"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

// Status is the state of a deployment.
type Status string

// A deployment is queued, then deploying, then complete or failed.
const (
	Queued    Status = "queued"
	Deploying Status = "deploying"
	Complete  Status = "complete"
	Failed    Status = "failed"
)

// Deployment is a snapshot of the deployment of one environment.
type Deployment struct {
	ID          int64
	Environment string
	// Modules limits the installed modules of the Puppetfile.
	Modules engine.Modules
	// Purged says that the request has removed the environments whose branches
	// are gone, so that this deployment need not.
	Purged    bool
	QueuedAt  time.Time
	SettledAt time.Time
	Status    Status
	Result
}

// Result is how a deployment ended.
type Result struct {
	// Live is the environment as it was published, and CodeCommit the commit of
	// all code after it. Both are empty if the deployment failed.
	Live       live.Environment
	CodeCommit string
	// Revision is the revision of the live code after the deployment: clients of file sync with
	// this revision have the result.
	Revision int64
	// Failure is nil for a success.
	Failure *Failure
}

// Failure is a failed deployment or listing, with the texts of the answer.
type Failure struct {
	Kind, Msg string
	// Output is r10k's output, if it is separate from the message.
	Output string
}

// The kinds of failures.
const (
	KindDeployFailure = "puppetlabs.code-manager/deploy-failure"
	KindCollectFailed = "puppetlabs.code-manager/collect-failed"
)

// inWordsOfR10K formats an error like r10k.
func inWordsOfR10K(err error) *engine.Failure {
	if failure := (*engine.Failure)(nil); errors.As(err, &failure) {
		return failure
	}
	return &engine.Failure{Output: "ERROR\t -> " + err.Error() + "\n", Err: err}
}
