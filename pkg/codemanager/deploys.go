package codemanager

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// DeployRequest is the body of POST /v1/deploys. Set either Environments or DeployAll.
type DeployRequest struct {
	// Environments are names of environments, as r10k derives them from branches.
	Environments []string `json:"environments,omitempty"`
	// DeployAll deploys every environment of every source.
	DeployAll bool `json:"deploy-all,omitzero"`
	// Wait delays the answer until every deployment has ended on all compilers. Until then, the
	// server sends nothing.
	Wait bool `json:"wait,omitzero"`
	// DryRun only connects to every remote and lists the environments. Servers call it dry_run;
	// newer documentation spells it dry-run.
	DryRun bool `json:"dry_run,omitzero"`
	// DeployModules, when false, skips the modules of the Puppetfile. Nil leaves the choice to the
	// server (true). Since PE 2019.4.
	DeployModules *bool `json:"deploy-modules,omitzero"`
	// Modules limits the deployment to these modules. Since PE 2019.4.
	Modules []string `json:"modules,omitempty"`
}

// Deployment is one environment in the answer to POST /v1/deploys.
type Deployment struct {
	Environment string `json:"environment"`
	// ID is the place in the server's queue; empty in a dry run.
	ID ID `json:"id,omitempty"`
	// Status is empty in a dry run.
	Status Status `json:"status,omitempty"`
	// DeploySignature is the commit SHA of the control repo, once complete.
	DeploySignature string `json:"deploy-signature,omitempty"`
	// FileSync is JSON with the commits of file sync's own repositories on the primary, once complete:
	// environment-commit and code-commit.
	FileSync RawJSON `json:"file-sync,omitzero"`
	// Error is the reason of a failure.
	Error *ErrorObject `json:"error,omitzero"`
	// Raw is the JSON object as the server sent it, with every key that this package doesn't know.
	// MarshalJSON writes it; set it to nil to write the other fields instead.
	Raw RawJSON `json:"-"`
}

// Failed reports whether the deployment failed: the status says so, or there is an error object.
func (d Deployment) Failed() bool { return d.Status == StatusFailed || d.Error != nil }

// fields is a Deployment without its methods.
type fields Deployment

// UnmarshalJSON reads one element of the answer, and keeps its text as Raw.
func (d *Deployment) UnmarshalJSON(text []byte) error {
	var read fields
	// The names were checked when the array was read.
	err := json.Unmarshal(text, &read, jsonread.Lenient, jsontext.AllowDuplicateNames(true))
	*d, d.Raw = Deployment(read), bytes.Clone(text)
	return err
}

// MarshalJSON writes Raw, or the fields if Raw is nil.
func (d Deployment) MarshalJSON() ([]byte, error) {
	if d.Raw != nil {
		return d.Raw, nil
	}
	return json.Marshal(fields(d), jsonread.Lenient)
}

// Deploy starts deployments, and with Wait returns their outcome. It sends the request only once,
// and is limited only by the context. A failed environment is part of the result, not an error.
//
// Errors: *APIError if the server refused, *ResponseError if the answer is not from Code Manager,
// *ConnectionError if there is no answer.
func (c *Client) Deploy(ctx context.Context, req DeployRequest) ([]Deployment, error) {
	response, err := c.http.Do(ctx, transport.Request{Method: http.MethodPost, Path: "/v1/deploys", Endpoint: "/deploys", Body: req, Waits: true})
	if err != nil {
		return nil, err
	}
	if refused := response.ErrorObject(); refused != nil {
		return nil, refused // even with HTTP status 200
	}
	list, err := readDeployments(response.Body)
	if err != nil {
		return nil, response.Unreadable(err)
	}
	return list, nil
}

func readDeployments(body jsontext.Value) ([]Deployment, error) {
	if kind := body.Kind(); kind != '[' && kind != 0 {
		return nil, transport.ShapeError("expected a JSON array, got " + transport.KindName(kind))
	}
	list := []Deployment{}
	if err := json.Unmarshal(body, &list, jsonread.Lenient); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(list, func(d Deployment) bool { return d.Environment == "" }) {
		return nil, transport.ShapeError("an element of the array names no environment")
	}
	return list, nil
}
