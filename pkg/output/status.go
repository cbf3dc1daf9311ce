package output

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Values in a service status, in addition to codemanager.StateRunning.
const (
	stateError      = "error"
	fileSyncEnabled = "enabled"
	fileSyncStorage = "file-sync-storage"
)

// ServiceStatus writes a table of Code Manager, file sync and its services.
func ServiceStatus(w io.Writer, style Style, status codemanager.ServiceStatus) error {
	t := newTable(style, column{title: "SERVICE"}, column{title: "STATE"})
	t.add("Code Manager", style.state(status.State))
	if status.FileSync != "" {
		t.add("File sync", style.state(status.FileSync))
	}
	for _, name := range slices.Sorted(maps.Keys(status.Services)) {
		t.add(style.line(name), style.state(status.Services[name]))
	}
	return t.write(w)
}

// state is the coloured state of a service.
func (s Style) state(state string) string {
	word := s.line(state)
	switch state {
	case codemanager.StateRunning, fileSyncEnabled:
		return s.Good(word)
	case stateError:
		return s.Bad(word)
	default:
		return s.Busy(word)
	}
}

// HealthProblems are the reasons why the service is not healthy, one sentence each. A healthy
// service has no problems.
func HealthProblems(status codemanager.ServiceStatus) []string {
	var problems []string
	switch status.State {
	case codemanager.StateRunning:
	case stateError:
		problems = append(problems, "Code Manager reports invalid configuration: check code-manager.conf and the log of Puppet Server on the primary.")
	default:
		problems = append(problems, "Code Manager is not running: its state is "+CleanLine(status.State)+".")
	}
	if sync := status.FileSync; sync != "" && sync != fileSyncEnabled {
		problems = append(problems, "File sync is "+CleanLine(sync)+": deployed code does not reach the compilers.")
	}
	for _, name := range slices.Sorted(maps.Keys(status.Services)) {
		switch state := status.Services[name]; {
		case state == codemanager.StateRunning:
		case name == fileSyncStorage:
			problems = append(problems, "File sync storage reports "+CleanLine(state)+" status: check the log of Puppet Server on the primary.")
		default:
			problems = append(problems, CleanLine(name)+" is not running: its state is "+CleanLine(state)+".")
		}
	}
	if len(problems) == 0 && !status.Healthy() {
		problems = append(problems, fmt.Sprintf("The server reports that it is running, but answered with HTTP status %d.", status.HTTPStatus))
	}
	return problems
}
