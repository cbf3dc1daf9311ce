package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/queue"
)

// The timeouts of a real server. The one for fetching is the engine's.
const (
	deployTimeout = 600 * time.Second
	syncTimeout   = 60 * time.Second
)

// deployer does the work of one deployment: engine, staging, swap.
type deployer struct {
	engine  engine.Engine
	area    *livedir.Area
	storage *filesync.Storage
	// delay makes each deployment last longer.
	delay time.Duration
	log   *slog.Logger
}

// list asks the engine for all environments.
func (d *deployer) list(ctx context.Context) ([]string, *problem) {
	names, err := d.engine.Environments(ctx)
	if err != nil {
		d.log.Error("environments cannot be listed", "error", err)
		return nil, &problem{
			status:  500,
			kind:    kindCollectFailed,
			msg:     fmt.Sprintf("Errors while collecting a list of environments to deploy (exit code: %d)", exitStatus(err)),
			details: output(err),
		}
	}
	return names, nil
}

// run deploys one environment.
func (d *deployer) run(ctx context.Context, job queue.Job) queue.Outcome {
	log := d.log.With("id", job.ID, "environment", shorten(job.Environment))
	log.Info("deploying")
	ctx, cancel := context.WithTimeout(ctx, deployTimeout)
	defer cancel()
	outcome, err := d.deploy(ctx, job)
	if err != nil {
		log.Warn("deployment failed", "error", shorten(err.Error()))
		outcome.Error = d.describe(ctx, job.Environment, err)
		return outcome
	}
	log.Info("deployed", "signature", outcome.Signature)
	return outcome
}

func (d *deployer) deploy(ctx context.Context, job queue.Job) (queue.Outcome, error) {
	// No other name may come near a path, or the engine's command line.
	if !engine.ValidName(job.Environment) {
		return queue.Outcome{}, errors.Join(engine.Missing(job.Environment), d.pause(ctx))
	}
	staged, err := d.area.Stage(job.Environment)
	if err != nil {
		return queue.Outcome{}, err
	}
	defer staged.Discard() //nolint:errcheck // the next start deletes what is left
	signature, err := d.engine.Deploy(ctx, engine.Request{
		Environment: job.Environment,
		Dir:         staged.Dir,
		Modules:     job.Modules,
	})
	if pauseErr := d.pause(ctx); pauseErr != nil {
		return queue.Outcome{}, pauseErr
	}
	if err != nil {
		return d.clean(job.Environment, err)
	}
	record, codeCommit, err := d.storage.Publish(staged, signature)
	return queue.Outcome{
		Signature: signature,
		FileSync:  &codemanager.FileSync{EnvironmentCommit: record.Commit, CodeCommit: codeCommit},
		Version:   record.Version,
	}, err
}

// clean removes what is live of an environment that no source has any more.
func (d *deployer) clean(environment string, failed error) (queue.Outcome, error) {
	if failure := (*engine.Failure)(nil); !errors.As(failed, &failure) || !failure.Missing {
		return queue.Outcome{}, failed
	}
	removed, err := d.storage.Remove(environment, math.MaxInt64)
	if removed {
		d.log.Info("environment removed: its branch is gone", "environment", environment)
	}
	return queue.Outcome{Version: d.storage.Version()}, errors.Join(failed, err)
}

// purge removes every environment that is not in the list, unless it was
// published after the version at which the list was asked for, or is none of
// the user's.
func (d *deployer) purge(list []string, version int64, allowed func(string) bool) {
	keep := make(map[string]bool, len(list))
	for _, name := range list {
		keep[name] = true
	}
	records, _ := d.storage.Snapshot()
	for name := range records {
		if keep[name] || !allowed(name) {
			continue
		}
		removed, err := d.storage.Remove(name, version)
		if err != nil {
			d.log.Error("environment cannot be removed", "environment", name, "error", err)
		} else if removed {
			d.log.Info("environment removed: its branch is gone", "environment", name)
		}
	}
}

// pause stretches a deployment.
func (d *deployer) pause(ctx context.Context) error {
	if d.delay == 0 {
		return nil
	}
	timer := time.NewTimer(d.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the deployment was cut short: %w", context.Cause(ctx))
	}
}
