package follow

import (
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// State is the estate, or the watched part of it, after one look.
type State struct {
	// Environments are in the order of the request, or sorted.
	Environments []Environment
	// Compilers are all clients of file sync, sorted by host.
	Compilers []Compiler
	// Failures are the failures that the server still lists, the latest first.
	Failures []Failure
	// Answered is true if the server's answer decided, not looks.
	Answered bool
	// Clock is the server's clock at the look; zero if it is not known.
	Clock time.Time

	estate *estate
}

// Environment is one environment of a State.
type Environment struct {
	Name   string
	Status Status
	// Signature is the commit SHA that the request staged; in a watch, the staged one, or the live one
	// if the environment is not staged.
	Signature string
	// Before is the commit SHA that was staged at the first look, "" if nothing was. BeforeKnown is false
	// if that need not be the commit before: if no good look came before the request, and in a watch
	// until it has seen the staging change.
	Before      string
	BeforeKnown bool
	// Since is when it was queued or staged, by the server's clock.
	Since codemanager.Timestamp
	// Seen is when the status was first seen, by the clock of this machine; Began is when the wait
	// first saw a trace of it. Zero in the State of a single look.
	Seen, Began time.Time
	// ID is the place in the server's queue, "" if it is not known.
	ID codemanager.ID
	// Error says why it failed.
	Error *codemanager.ErrorObject
	// Evidence is the reason for the status.
	Evidence string

	// Staged reports whether the primary has it at this look, and Current is the commit SHA that is
	// staged. On counts the compilers that are waited for and have it in any version. Live is the staged
	// commit if all of them have it, "" if not. Everywhere reports whether all of them have the code as
	// it was last staged, even while another deployment is in flight.
	Staged        bool
	Current, Live string
	Everywhere    bool
	On            int
}

// Standing is the state of a compiler.
type Standing int

// Standings of a compiler.
const (
	InSync Standing = iota
	Behind
	// Down is a compiler that has not checked in for more than 15 minutes. It is not waited for.
	Down
	// Missing is a compiler that was listed earlier in this wait, but not in the latest look.
	Missing
)

// Compiler is one client of file sync: a compiler, or the orchestrator.
type Compiler struct {
	Host string
	// LastCheckIn is nil if the compiler never checked in.
	LastCheckIn *codemanager.Timestamp
	Standing    Standing
	// Different counts the environments whose code differs from the staged code.
	Different int
}

// Failure is a deployment that failed.
type Failure struct {
	codemanager.QueuedDeploy
	// Superseded is true if the environment was deployed since.
	Superseded bool
	// Appeared is true if the first look of the watch had no trace of it, not even in the queue.
	Appeared bool
}

// Before is the estate at the first look, before the request; nil if that look failed.
func (s *State) Before() *State {
	if s == nil || s.estate == nil || s.estate.first == nil {
		return nil
	}
	return Read(s.estate.first.status, nil)
}

// Environment returns the environment with this name, nil if the state does not have it.
func (s *State) Environment(name string) *Environment {
	if i := slices.IndexFunc(s.Environments, func(e Environment) bool { return e.Name == name }); i >= 0 {
		return &s.Environments[i]
	}
	return nil
}

// Unsettled are the environments that are not finished.
func (s *State) Unsettled() []Environment {
	return slices.DeleteFunc(slices.Clone(s.Environments), func(e Environment) bool { return Settled(e.Status) })
}

// InFlight reports whether anything in the state will still change.
func (s *State) InFlight() bool {
	return slices.ContainsFunc(s.Environments, func(e Environment) bool { return InFlight(e.Status) })
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

// Hosts are the compilers with a standing.
func (s *State) Hosts(standing Standing) []string {
	var hosts []string
	for _, c := range s.Compilers {
		if c.Standing == standing {
			hosts = append(hosts, c.Host)
		}
	}
	return hosts
}

// Deployments returns the environments in the form of the server's own answer, without file-sync,
// which deploys/status does not have.
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
