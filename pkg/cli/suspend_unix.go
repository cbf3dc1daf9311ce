//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/puppet-code/puppet-code/pkg/internal/guard"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// suspends lets a view go away for Ctrl-Z, and come back for fg, until end is called.
func suspends(view *output.LiveView) (end func()) {
	stop, goOn, over := make(chan os.Signal, 1), make(chan os.Signal, 1), make(chan struct{})
	if !signal.Ignored(syscall.SIGTSTP) {
		signal.Notify(stop, syscall.SIGTSTP)
	}
	signal.Notify(goOn, syscall.SIGCONT)
	guard.Go(func() {
		for {
			select {
			case <-stop:
				view.Suspend()
				signal.Reset(syscall.SIGTSTP)
				_ = syscall.Kill(os.Getpid(), syscall.SIGTSTP) // stops the process until fg
				signal.Notify(stop, syscall.SIGTSTP)
			case <-goOn:
				view.Resume()
			case <-over:
				return
			}
		}
	}, func(error) {})
	return func() {
		signal.Stop(stop)
		signal.Stop(goOn)
		close(over)
	}
}
