package deploy

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

// timeout is the timeout of a real server. The engine has the timeout for fetching.
const timeout = 600 * time.Second

// Deployer does the work of one deployment.
type Deployer struct {
	Engine engine.Engine
	Live   *live.Store
	// StartDelay is a pause before the engine fetches, so that a commit pushed meanwhile is part of
	// the deployment. FetchDelay is a pause after the fetch, so that it is not.
	StartDelay, FetchDelay time.Duration
	Log                    *slog.Logger
}

// List asks the engine for all environments.
func (d *Deployer) List(ctx context.Context) ([]string, *Failure) {
	names, err := d.Engine.Environments(ctx)
	if err == nil {
		return names, nil
	}
	d.Log.Error("environments cannot be listed", "error", err)
	failure := inWordsOfR10K(err)
	return nil, &Failure{
		Kind:   KindCollectFailed,
		Msg:    fmt.Sprintf("Errors while collecting a list of environments to deploy (exit code: %d)", failure.Status()),
		Output: failure.Output,
	}
}

// Run deploys one environment, and removes those whose branches are gone.
func (d *Deployer) Run(ctx context.Context, job Deployment) Result {
	log := d.Log.With("id", job.ID, "environment", engine.Shorten(job.Environment))
	log.Info("deploying")
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := d.deploy(ctx, job)
	if err != nil {
		log.Warn("deployment failed", "error", engine.Shorten(err.Error()))
		failure := inWordsOfR10K(err)
		result.Failure = &Failure{
			Kind: KindDeployFailure,
			Msg:  fmt.Sprintf("Errors while deploying environment '%s' (exit code: %d):\n%s", job.Environment, failure.Status(), failure.Output),
		}
	} else {
		log.Info("deployed", "signature", result.Live.Signature)
	}
	if !job.Purged {
		d.purge(ctx, err)
	}
	result.Revision = d.Live.Published().Revision
	return result
}

// deploy stages an environment, has the engine fill it, and publishes it.
func (d *Deployer) deploy(ctx context.Context, job Deployment) (Result, error) {
	if err := pause(ctx, d.StartDelay); err != nil {
		return Result{}, err
	}
	// As r10k does, so that no other name reaches a path or the command line of the engine.
	name := codemanager.EnvironmentName(job.Environment)
	if !engine.ValidName(name) {
		return Result{}, engine.Missing(name)
	}
	staged, err := d.Live.Stage(name)
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(staged.Dir) //nolint:errcheck // the next start deletes remaining files
	signature, err := d.Engine.Deploy(ctx, engine.Request{Environment: name, Dir: staged.Dir, Modules: job.Modules})
	if pauseErr := pause(ctx, d.FetchDelay); pauseErr != nil {
		return Result{}, pauseErr
	}
	if err != nil {
		return Result{}, err
	}
	environment, published, err := d.Live.Publish(staged, signature)
	return Result{Live: environment, CodeCommit: published.Commit()}, err
}

// purge lists the branches again and removes the environments without a branch, as r10k does after
// every deployment. If the branches cannot be listed, all environments stay.
func (d *Deployer) purge(ctx context.Context, failed error) {
	before := d.Live.Published()
	if len(before.Environments) == 0 || failed == nil && len(before.Environments) == 1 {
		return // only the new deployment is live
	}
	names, err := d.Engine.Environments(ctx)
	if err != nil {
		d.Log.Warn("branches cannot be listed, so no environment is removed", "error", err)
		return
	}
	d.Purge(names, before.Revision)
}

// Purge removes the environments that are not in the list, unless they were published after this
// revision.
func (d *Deployer) Purge(list []string, revision int64) {
	for _, environment := range d.Live.Published().Environments {
		if slices.Contains(list, environment.Name) {
			continue
		}
		removed, err := d.Live.Remove(environment.Name, revision)
		if err != nil {
			d.Log.Error("environment cannot be removed", "environment", environment.Name, "error", err)
		} else if removed {
			d.Log.Info("environment removed: its branch is gone", "environment", environment.Name)
		}
	}
}

// pause stretches a deployment.
func pause(ctx context.Context, delay time.Duration) error {
	if delay == 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the deployment was interrupted: %w", context.Cause(ctx))
	}
}
