package cli

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// watchAll looks again and again until nothing is in flight, and then writes
// the last answer as the result.
func (o *statusDeploysOptions) watchAll(ctx context.Context, client deploysReader) error {
	last, err := o.untilSettled(ctx, client)
	if err != nil {
		return &waitError{err: err, follow: o.followCommand()}
	}
	if o.format.isJSON(o.app.sys.Out) {
		err = o.show(ctx, client)
	} else {
		err = o.table(last.Snapshot)
	}
	if err != nil {
		return err
	}
	if failed := last.FailedNow(); failed > 0 {
		return &failedError{failed: failed, all: len(last.Environments)}
	}
	return nil
}

func (o *statusDeploysOptions) followCommand() string {
	return (&deployOptions{environments: o.environments}).followCommand()
}

func (o *statusDeploysOptions) untilSettled(ctx context.Context, client deploysReader) (*codemanager.Overview, error) {
	watch := &watching{show: func(*codemanager.Overview) {}, note: func(string) {}}
	if !o.quiet {
		stop := watch.start(o)
		defer stop()
	}
	poller := codemanager.Poller{API: client, Unreachable: func(err error) {
		watch.note("The status cannot be asked: " + reasonOf(err) + ". Trying again until it can.")
	}}
	var last *codemanager.Overview
	err := poller.Run(ctx, func(snapshot *codemanager.Snapshot) bool {
		last = codemanager.NewOverview(snapshot, o.environments)
		watch.show(last)
		return !last.InFlight()
	})
	return last, err
}

// watching shows overviews: a table drawn in place on a terminal, a line for
// each change elsewhere.
type watching struct {
	show func(*codemanager.Overview)
	note func(string)
}

func (w *watching) start(o *statusDeploysOptions) (stop func()) {
	a := o.app
	w.note = func(line string) { a.notice("%s", line) }
	if !a.live() {
		changes := output.NewOverviewChanges(func(line string) { a.notice("%s", line) })
		w.show = changes.Show
		return func() {}
	}
	var latest atomic.Pointer[codemanager.Overview]
	began := time.Now()
	live := output.NewLive(a.sys.Err.Writer, a.sys.Err.size, func(width, height int) []string {
		style := a.sys.style(a.sys.Err)
		style.Width = width
		return output.OverviewFrame(latest.Load(), style, height, time.Since(began))
	})
	w.show = func(overview *codemanager.Overview) {
		latest.Store(overview)
		live.Refresh()
	}
	w.note = live.Note
	return live.Stop
}
