package output

import (
	"io"
	"maps"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// ServiceStatus writes a table of Code Manager, file sync and its services.
func ServiceStatus(w io.Writer, style Style, status codemanager.ServiceStatus) error {
	t := newTable(style, column{title: "SERVICE"}, column{title: "STATE"})
	t.add("Code Manager", style.state(status.State))
	if status.Status.FileSync != "" {
		t.add("File sync", style.state(status.Status.FileSync))
	}
	for _, name := range slices.Sorted(maps.Keys(status.Status.Services)) {
		t.add(CleanLine(name), style.state(status.Status.Services[name]))
	}
	return t.write(w)
}

// state colours the word of a service's state.
func (s Style) state(state string) string {
	word := CleanLine(state)
	switch state {
	case codemanager.StateRunning, codemanager.FileSyncEnabled:
		return s.Good(word)
	case codemanager.StateError:
		return s.Bad(word)
	default:
		return s.Busy(word)
	}
}

// HealthProblems says in one clear sentence each what keeps the service from
// being healthy; an empty list is a healthy service.
func HealthProblems(status codemanager.ServiceStatus) []string {
	var problems []string
	switch status.State {
	case codemanager.StateRunning:
	case codemanager.StateError:
		problems = append(problems, "Code Manager reports invalid configuration: check code-manager.conf and the log of Puppet Server on the primary.")
	default:
		problems = append(problems, "Code Manager is not running: its state is "+CleanLine(status.State)+".")
	}
	if sync := status.Status.FileSync; sync != "" && sync != codemanager.FileSyncEnabled {
		problems = append(problems, "File sync is "+CleanLine(sync)+": what is deployed does not reach the compilers.")
	}
	for _, name := range slices.Sorted(maps.Keys(status.Status.Services)) {
		switch state := status.Status.Services[name]; {
		case state == codemanager.StateRunning:
		case name == codemanager.FileSyncStorageName:
			problems = append(problems, "File sync storage reports "+CleanLine(state)+" status: check the log of Puppet Server on the primary.")
		default:
			problems = append(problems, CleanLine(name)+" is not running: its state is "+CleanLine(state)+".")
		}
	}
	return problems
}
