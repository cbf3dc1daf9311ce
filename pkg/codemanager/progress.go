package codemanager

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// StatusSyncing is what following calls an environment that the primary has
// staged and that not every compiler has yet. No server says it.
const StatusSyncing Status = "syncing"

// Progress is how far a deployment has come, at one look.
type Progress struct {
	// Environments are those of the deployment, as far as they are known: for
	// all of them, those that the server was seen to have queued.
	Environments []EnvironmentProgress
	// Compilers is how many compilers are waited for, InSync how many of them
	// have every environment of the deployment as it is staged.
	Compilers, InSync int
	// Lagging are the compilers that do not.
	Lagging []string
	// Passed are compilers that are not waited for: they never checked in, or
	// not for long.
	Passed []string
}

// EnvironmentProgress is one environment on its way.
type EnvironmentProgress struct {
	Name string
	// Status is "" before anything was seen of it.
	Status Status
	// Since is when this status was first seen, by the clock of this machine.
	Since time.Time
	// Signature is the commit SHA that is staged, once that is this deployment's.
	Signature string
	// ID is the place in the server's queue, where it is known.
	ID *int64
	// Error says why it failed.
	Error *ErrorObject
}

// Settled reports whether nothing will change any more.
func (e EnvironmentProgress) Settled() bool {
	return e.Status == StatusComplete || e.Status == StatusFailed
}

// Unsettled are the environments that are on their way.
func (p Progress) Unsettled() []EnvironmentProgress {
	var list []EnvironmentProgress
	for _, e := range p.Environments {
		if !e.Settled() {
			list = append(list, e)
		}
	}
	return list
}

// settled reports whether all of the deployment is over.
func (p Progress) settled() bool {
	return len(p.Environments) > 0 && len(p.Unsettled()) == 0
}

// give gives the outcome to results in the shape of the server's own answer,
// without what deploys/status does not tell: file-sync.
func (p Progress) give(results Results) error {
	for _, e := range p.Environments {
		d := Deployment{Environment: e.Name, ID: e.ID, Status: e.Status, Error: e.Error}
		if e.Status == StatusComplete {
			d.DeploySignature = e.Signature
		}
		raw, err := json.Marshal(d, lenient)
		if err != nil {
			return fmt.Errorf("cannot write the outcome: %w", err)
		}
		if err := results.Add(d, raw); err != nil {
			return err
		}
	}
	return nil
}
