package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// runDeploy sends the request, judges its outcome, and returns a result for every outcome, with an error
// for every outcome except success.
func runDeploy(ctx context.Context, o *deployOptions) (*result, error) {
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	o.announce()
	ctx, cancel := withTimeout(ctx, o.timeout)
	defer cancel()
	list, state, err := o.send(ctx, client)
	if err != nil {
		return o.lastSeen(state, err), err
	}
	o.app.say("Found %d environments.", len(list))
	err = o.judge(ctx, client, list, state)
	result := o.finished(list, err)
	o.summarize(list, err, o.verdict(list))
	return result, o.suggest(state, err)
}

// announce says what a person may not expect of the request.
func (o *deployOptions) announce() {
	if o.dryRun {
		o.app.say("Dry-run deploying all environments.")
	}
	for _, name := range o.environments {
		if corrected := codemanager.EnvironmentName(name); corrected != name {
			o.app.say("Hint: r10k deploys the branch %[1]s as the environment %[2]s. If %[1]s is not found, deploy %[2]s.",
				output.CleanLine(name), corrected)
		}
	}
}

// finished is the result of a deployment with an outcome. Err is the error of the judgement.
func (o *deployOptions) finished(list []codemanager.Deployment, err error) *result {
	result := o.result(list, err)
	switch {
	case err != nil, o.dryRun:
	case !o.wait && o.app.sys.Err.Terminal:
		result.done = "To watch it: " + o.app.watchCommand(o.environments)
	case !o.wait:
	case o.expect.deleted:
		result.done = goneLine(o.environments, o.watched.state)
	default:
		result.done = o.verdict(list) + "."
	}
	return result
}

// verdict says what a success was, in words of ours alone.
func (o *deployOptions) verdict(list []codemanager.Deployment) string {
	environments := count(len(list), "environment")
	switch changes := output.Changes(list, o.watched.state); {
	case o.dryRun:
		return "Dry run: found " + environments + ", deployed nothing"
	case !o.wait:
		return "Queued " + environments
	case o.expect.deleted:
		return "Deleted " + environments + " in " + output.Duration(o.watched.took)
	case changes != "":
		return "Deployed " + environments + " in " + output.Duration(o.watched.took) + ": " + changes
	default:
		return "Deployed " + environments + " in " + output.Duration(o.watched.took)
	}
}

// silentFor is how long a server may take to answer a request that does not wait.
const silentFor = 5 * time.Minute

// send sends the request, and with --wait watches it to its end. The state is the last one of a wait;
// after an error, it is nil if nothing of this request is under way.
func (o *deployOptions) send(ctx context.Context, client follow.Deployer) ([]codemanager.Deployment, *follow.State, error) {
	if !o.dryRun {
		o.app.requested = o.app.watchCommand(o.environments)
	}
	if !o.wait || o.dryRun {
		list, err := o.sendOnly(ctx, client)
		return list, nil, err
	}
	opts, stop := o.app.watchOptions(o.expect.deleted)
	began := time.Now()
	list, state, err := follow.Deploy(ctx, client, o.request(), opts)
	o.watched = watch{began, time.Since(began), state}
	stop()
	if err == nil {
		o.app.warnPassedOver(state)
		return list, state, nil
	}
	if unfinished, ok := errors.AsType[*follow.UnfinishedError](err); ok && !unfinished.Sent || !ok && !is[*follow.UnknownError](err) {
		state = nil
	}
	shown := state
	if o.expect.deleted {
		shown = asDeletion(state)
	}
	return nil, state, o.app.deployEnded(err, shown, o.environments)
}

// sendOnly sends a request that does not wait, or a dry run.
func (o *deployOptions) sendOnly(ctx context.Context, client follow.Deployer) ([]codemanager.Deployment, error) {
	if o.timeout == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, silentFor, errors.New("the server did not answer within 5 minutes"))
		defer cancel()
	}
	list, err := client.Deploy(ctx, o.request())
	switch {
	case err == nil:
		return list, nil
	case o.dryRun:
		return nil, asDryRun(fromServer(err))
	case follow.Unanswered(err, false):
		return nil, o.unknown(err)
	default:
		return nil, fromServer(err)
	}
}

// unknown is an error after which nothing is known about a deployment that was sent.
func (o *deployOptions) unknown(err error) error {
	return &exitError{err: err, status: ExitUnknown, advice: []string{
		"The request was sent and is not sent again. The deployment may be running: check the log of Code Manager.",
		"To watch it: " + o.app.watchCommand(o.environments),
	}}
}

// asDryRun removes the advice about deployments: a dry run deploys nothing, and a second one does no
// harm.
func asDryRun(err error) error {
	broken, ok := errors.AsType[*codemanager.ConnectionError](err)
	if !ok || !broken.Sent {
		return err
	}
	return &exitError{err: err, status: exitStatus(err)}
}

// result writes the environments in the requested format. Err is the error of the deployment. After
// an error there are no signatures.
func (o *deployOptions) result(list []codemanager.Deployment, err error) *result {
	sys := o.app.sys
	switch {
	case o.format.value == formatSignature && err != nil:
		return nil
	case o.format.value == formatSignature:
		return signatures(o.app.style(sys.Out), list)
	case o.format.isJSON(sys.Out):
		return &result{json: true, write: func(w io.Writer) error { return output.WriteJSON(w, list) }}
	}
	rows := list
	if o.expect.deleted {
		rows = deletionRows(list, err)
	}
	return &result{write: func(w io.Writer) error {
		if o.dryRun {
			return output.Environments(w, o.app.style(sys.Out), rows)
		}
		return output.Deployments(w, o.app.style(sys.Out), rows, o.watched.state)
	}}
}

// signatures writes the deploy signatures, one a line.
func signatures(style output.Style, list []codemanager.Deployment) *result {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(output.CleanLine(style.Redact(d.DeploySignature)) + "\n")
	}
	return textResult(b.String())
}

// lastSeen is the result of a wait that ended without an outcome: each environment with its last
// known state. It is nil if no state is known.
func (o *deployOptions) lastSeen(state *follow.State, err error) *result {
	var list []codemanager.Deployment
	if state != nil {
		list = state.Deployments()
	}
	o.summarize(list, err, "")
	if len(list) == 0 {
		return nil
	}
	return o.result(list, err)
}

// judge is the error for an outcome, nil for a success. The first judgement that fails is the error.
func (o *deployOptions) judge(ctx context.Context, client follow.Looker, list []codemanager.Deployment, state *follow.State) error {
	if o.expect.deleted {
		return o.judgeDeleted(ctx, client, list, state)
	}
	if err := o.judgeOutcome(list); err != nil || o.expect.commit == "" {
		return err
	}
	return o.judgeCommit(ctx, list[0], state)
}

// judgeOutcome is the error for an outcome in which not every environment is as it should be.
func (o *deployOptions) judgeOutcome(list []codemanager.Deployment) error {
	var failed, unsettled []codemanager.Deployment
	for _, d := range list {
		switch {
		case d.Failed():
			failed = append(failed, d)
		case !o.dryRun && !o.asExpected(d):
			unsettled = append(unsettled, d)
		}
	}
	switch missing := o.missing(list); {
	case len(failed) > 0:
		return (&failures{list: failed, all: len(list), after: o.watched.took}).error()
	case len(list) == 0:
		return &exitError{status: ExitFailure, err: errors.New("Code Manager found no environments: the answer is an empty array. " + //nolint:staticcheck // a name
			"Check that the control repo has branches, and that Code Manager's configuration names it as a source")}
	case o.dryRun && slices.ContainsFunc(list, func(d codemanager.Deployment) bool { return d.ID != "" || d.Status != "" }):
		return o.unknown(errors.New("the server answered a dry run with deployments: it may not support dry runs, and may have deployed"))
	case len(unsettled) > 0:
		return o.unknown(fmt.Errorf("the server's answer does not say that the deployment was queued: %s", describe(unsettled)))
	case len(missing) > 0:
		return o.unknown(fmt.Errorf("the server's answer does not mention %s, so it is not known whether it was deployed", names(missing)))
	}
	return nil
}

// asExpected reports whether this status is a success.
func (o *deployOptions) asExpected(d codemanager.Deployment) bool {
	return d.Status == codemanager.StatusComplete || !o.wait && follow.InFlight(d.Status)
}

// missing are the requested environments that the answer lacks.
func (o *deployOptions) missing(list []codemanager.Deployment) []string {
	var answered []string
	for _, d := range list {
		answered = append(answered, d.Environment)
	}
	return missingNames(o.environments, answered)
}

// most is how many environments a message names; it only counts the rest.
const most = 10

// describe lists environments with their statuses.
func describe(list []codemanager.Deployment) string {
	var texts []string
	for _, d := range list {
		texts = append(texts, d.Environment+" is "+cmp.Or(string(d.Status), "without a status"))
	}
	return names(texts)
}

// names joins names for a sentence, as many as a person reads.
func names(list []string) string {
	text := output.CleanLine(strings.Join(list[:min(most, len(list))], ", "))
	if more := len(list) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// count is a number with its noun: 1 environment, 2 environments.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
