package cli

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// results is what came of one request: the environments, ready to be written,
// and what there is to say about them. It grows with the failures that are
// said, and not with the environments.
type results struct {
	output.DeploymentWriter
	options *deployOptions

	count             int
	failed, unsettled sample
	// absent are the environments that were asked for and not answered yet.
	absent map[string]bool
}

// sample is the first of some environments, and how many there are.
type sample struct {
	first []codemanager.Deployment
	count int
}

func (s *sample) add(d codemanager.Deployment) {
	if s.count++; s.count <= most {
		s.first = append(s.first, d)
	}
}

func newResults(o *deployOptions) *results {
	sys := o.app.sys
	r := &results{options: o}
	switch {
	case o.format.isJSON(sys.Out):
		r.DeploymentWriter = output.NewDeploymentsJSON()
	case o.dryRun:
		r.DeploymentWriter = output.NewEnvironmentTable(sys.style(sys.Out))
	default:
		r.DeploymentWriter = output.NewDeploymentTable(sys.style(sys.Out))
	}
	r.begin()
	return r
}

func (r *results) begin() {
	r.count, r.failed, r.unsettled = 0, sample{}, sample{}
	r.absent = map[string]bool{}
	for _, name := range r.options.environments {
		r.absent[name] = true
	}
}

// Reset makes it a codemanager.Results.
func (r *results) Reset() {
	r.begin()
	r.DeploymentWriter.Reset()
}

// Add makes it a codemanager.Results.
func (r *results) Add(d codemanager.Deployment, raw jsontext.Value) error {
	r.count++
	switch {
	case d.Failed():
		r.failed.add(d)
	case !r.options.dryRun && !r.options.asExpected(d):
		r.unsettled.add(d)
	}
	for name := range r.absent {
		if d.Environment == name || d.Environment == codemanager.CorrectedName(name) {
			delete(r.absent, name)
		}
	}
	return r.DeploymentWriter.Add(d, raw)
}

// missing are the environments that were asked for and not answered, under
// their own name or the one that r10k makes of it.
func (r *results) missing() []string {
	var list []string
	for _, name := range r.options.environments {
		if r.absent[name] {
			list = append(list, name)
		}
	}
	return list
}
