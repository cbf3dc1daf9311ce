package follow

import (
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// State is the estate, or the part of it that is watched, after one look.
type State struct {
	// Environments are in the order in which they were asked for, or sorted.
	Environments []Environment
	// Compilers are all clients of file sync, sorted by host.
	Compilers []Compiler
	// Failures are those that the server still remembers, the latest first.
	Failures []Failure
	// Clock is the server's clock at the look; zero if nothing tells.
	Clock time.Time
}

// Environment is one environment of a State.
type Environment struct {
	Name   string
	Status Status
	// Signature is the commit SHA that is staged or, if none is, live.
	Signature string
	// Since is when it was queued or staged, by the server's clock.
	Since codemanager.Timestamp
	// Seen is when the status was first seen, by the clock of this machine; Began is when the wait
	// first saw anything of it. Zero in the State of a single look.
	Seen, Began time.Time
	// ID is the place in the server's queue, "" if it is not known.
	ID codemanager.ID
	// Error says why it failed.
	Error *codemanager.ErrorObject
	// Evidence says what the status was concluded from.
	Evidence string

	// Staged reports whether the primary has it; Everywhere, whether every compiler that is waited for
	// has what is staged, also while another deployment is under way. On counts the compilers that are
	// not down and have it in any version. Deploy sets none of them.
	Staged, Everywhere bool
	On                 int
}

// Standing is how far behind a compiler is.
type Standing int

// Standings of a compiler.
const (
	InSync Standing = iota
	Behind
	// Down is a compiler that has not checked in for more than 15 minutes: nothing waits for it.
	Down
	// Missing is a compiler that was listed before in this wait, and is not now.
	Missing
)

// Compiler is one client of file sync: a compiler, or the orchestrator.
type Compiler struct {
	Host string
	// LastCheckIn is nil for a compiler that never checked in.
	LastCheckIn *codemanager.Timestamp
	Standing    Standing
	// Different counts the environments that are not as they are staged.
	Different int
}

// Failure is a deployment that failed.
type Failure struct {
	codemanager.QueuedDeploy
	// Superseded is true if the environment was deployed since.
	Superseded bool
	// Appeared is true if the first look of the watch did not have it.
	Appeared bool
}

// Environment is the environment of this name, nil if the state does not have it.
func (s *State) Environment(name string) *Environment {
	for i := range s.Environments {
		if s.Environments[i].Name == name {
			return &s.Environments[i]
		}
	}
	return nil
}

// Unsettled are the environments that are still on their way.
func (s *State) Unsettled() []Environment {
	var list []Environment
	for _, e := range s.Environments {
		if !Settled(e.Status) {
			list = append(list, e)
		}
	}
	return list
}

// InFlight reports whether anything in the state will still change.
func (s *State) InFlight() bool {
	for _, e := range s.Environments {
		if InFlight(e.Status) {
			return true
		}
	}
	return false
}

// Failed counts the environments whose latest deployment failed.
func (s *State) Failed() int {
	count := 0
	for _, e := range s.Environments {
		if e.Status == codemanager.StatusFailed {
			count++
		}
	}
	return count
}

// Lost are the environments whose deployments are lost.
func (s *State) Lost() []string {
	var names []string
	for _, e := range s.Environments {
		if e.Status == Lost {
			names = append(names, e.Name)
		}
	}
	return names
}

// Hosts are the compilers of a standing.
func (s *State) Hosts(standing Standing) []string {
	var hosts []string
	for _, c := range s.Compilers {
		if c.Standing == standing {
			hosts = append(hosts, c.Host)
		}
	}
	return hosts
}

// Deployments gives the environments the form of the server's own answer, without file-sync, which
// deploys/status does not tell.
func (s *State) Deployments() []codemanager.Deployment {
	list := []codemanager.Deployment{}
	for _, e := range s.Environments {
		d := codemanager.Deployment{Environment: e.Name, ID: e.ID, Status: e.Status, Error: e.Error}
		if e.Status == codemanager.StatusComplete {
			d.DeploySignature = e.Signature
		}
		list = append(list, d)
	}
	return list
}
