//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/puppet-code/puppet-code/pkg/internal/guard"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// suspends removes a view on Ctrl-Z and draws it again on fg, until end is called.
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
				if hasJobs() {
					_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // until fg, which sends SIGCONT
				} else {
					view.Resume()
				}
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

// hasJobs reports whether a shell with job control started this process, and can resume it. Such a
// shell starts each job in a new process group. Without job control, Ctrl-Z is ignored.
func hasJobs() bool {
	session, err := unix.Getsid(0)
	return err == nil && session != syscall.Getpgrp()
}
