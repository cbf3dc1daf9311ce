package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

const (
	// maxBody is the size of a request body in bytes: 20,000 long names fit.
	maxBody = 1 << 20
	// maxDepth is how deep a request may nest; a sensible one needs two.
	maxDepth = 32
)

// deployRequest is a valid request body.
type deployRequest struct {
	environments []string
	all          bool
	wait         bool
	dryRun       bool
	modules      engine.Modules
}

// decodeDeployRequest reads and checks a body.
func decodeDeployRequest(body io.Reader) (deployRequest, *problem) {
	text, err := io.ReadAll(body)
	if err != nil {
		return deployRequest{}, unreadableBody(err)
	}
	if err := checkSyntax(text); err != nil {
		return deployRequest{}, invalid(err.Error())
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(text, &members); err != nil {
		return deployRequest{}, invalid("the request body must be one JSON object: " + err.Error())
	}
	request, err := parseMembers(members)
	if err != nil {
		return deployRequest{}, invalid(err.Error())
	}
	return request, nil
}

func unreadableBody(err error) *problem {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &problem{
			status: http.StatusRequestEntityTooLarge, kind: kindRequestTooLarge,
			msg: fmt.Sprintf("the request body is larger than %d bytes", tooLarge.Limit),
		}
	}
	return &problem{
		status: http.StatusRequestTimeout, kind: kindInvalidRequest,
		msg: "the request body did not arrive in full",
	}
}

// checkSyntax reads a body token by token: it must be one object, with no key
// twice (the decoder sees to it) and no deep nesting.
func checkSyntax(text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return errors.New(`the request body is empty: send a JSON object such as {"environments": ["production"]}`)
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	kind := decoder.PeekKind()
	for first := true; first || decoder.StackDepth() > 0; first = false {
		if _, err := decoder.ReadToken(); err != nil {
			return fmt.Errorf("the request body is not valid JSON: %w", err)
		}
		if decoder.StackDepth() > maxDepth {
			return fmt.Errorf("the request body nests deeper than %d levels", maxDepth)
		}
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("the request body must be one JSON object, with nothing after it")
	}
	if kind != '{' {
		return fmt.Errorf("the request body must be one JSON object, not %s", kindName(kind))
	}
	return nil
}

// parseMembers checks the types of all keys that are known. Others are
// ignored, like a server does that is older than its client.
func parseMembers(members map[string]jsontext.Value) (deployRequest, error) {
	p := memberParser{members: members}
	request := deployRequest{
		environments: p.names("environments"),
		all:          p.flag("deploy-all", false),
		wait:         p.flag("wait", false),
		modules:      engine.Modules{Only: p.names("modules"), Skip: !p.flag("deploy-modules", true)},
	}
	// Both spellings are documented; one is enough.
	underscore, hyphen := p.flag("dry_run", false), p.flag("dry-run", false)
	request.dryRun = underscore || hyphen
	if p.err != nil {
		return deployRequest{}, p.err
	}
	return request, request.check(members)
}

// check refuses a request that does not say what to deploy.
func (r deployRequest) check(members map[string]jsontext.Value) error {
	_, named := members["environments"]
	switch {
	case r.all || r.dryRun || len(r.environments) > 0:
		return nil
	case named:
		return errors.New(`"environments" is empty: name at least one environment, or set "deploy-all" to true`)
	default:
		return errors.New(`nothing to deploy: name "environments", or set "deploy-all" or "dry_run" to true`)
	}
}
