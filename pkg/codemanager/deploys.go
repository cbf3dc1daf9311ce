package codemanager

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// maxDeployments is the maximum number of environments in one answer.
const maxDeployments = 200_000

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

// UnmarshalJSON reads one element of the answer. Invalid UTF-8 becomes U+FFFD, in Raw too, because
// other decoders refuse it.
func (d *Deployment) UnmarshalJSON(text []byte) error {
	raw := jsontext.Value(bytes.Clone(text))
	var read fields
	err := json.Unmarshal(raw, &read)
	if err != nil && raw.Format(jsonread.Lenient, jsontext.PreserveRawStrings(false)) == nil {
		err = json.Unmarshal(raw, &read)
	}
	*d, d.Raw = Deployment(read), RawJSON(raw)
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
	response, err := c.http.Do(ctx, transport.Request{Method: http.MethodPost, Path: "/v1/deploys", Endpoint: "/deploys", Body: req})
	if err != nil {
		return nil, err
	}
	defer response.Close()
	var read bytes.Buffer
	in := jsonread.NewDecoder(io.TeeReader(response, &read), jsontext.AllowDuplicateNames(false))
	if in.PeekKind() == '{' {
		return nil, notAnArray(response, in)
	}
	list, err := decodeDeployments(in, &read)
	if err != nil {
		return nil, response.Unreadable(err)
	}
	return list, nil
}

// notAnArray is the error for an object instead of the array: the server's own error, even with
// HTTP status 200.
func notAnArray(response *transport.Response, in *jsontext.Decoder) error {
	object, err := in.ReadValue()
	if err != nil {
		return response.Unreadable(err)
	}
	if refused := response.ErrorObject(object); refused != nil {
		return refused
	}
	return response.Nonsense(errors.New("expected a JSON array, got an object"))
}

// decodeDeployments reads the array element by element. Read has what the decoder read ahead.
func decodeDeployments(in *jsontext.Decoder, read *bytes.Buffer) ([]Deployment, error) {
	if err := readBegin(in, '['); err != nil {
		return nil, err
	}
	read.Next(int(in.InputOffset()))
	list := []Deployment{}
	for in.PeekKind() != ']' {
		d, err := decodeDeployment(in, read)
		if err != nil {
			return nil, err
		}
		if d.Environment == "" {
			return nil, transport.ShapeError("an element of the array names no environment")
		}
		if list = append(list, d); len(list) > maxDeployments {
			return nil, transport.ShapeError("more than 200,000 environments")
		}
	}
	return list, readEnd(in)
}

// decodeDeployment reads an element with its text, which it takes out of read.
func decodeDeployment(in *jsontext.Decoder, read *bytes.Buffer) (d Deployment, err error) {
	before := in.InputOffset()
	if err := json.UnmarshalDecode(in, (*fields)(&d)); err != nil {
		return d, err
	}
	text := bytes.TrimLeft(read.Next(int(in.InputOffset()-before)), ", \t\r\n")
	if !utf8.Valid(text) || bytes.IndexByte(text, '\\') >= 0 { // escapes can be invalid too
		err = d.UnmarshalJSON(text)
		return d, err
	}
	d.Raw = bytes.Clone(text)
	return d, nil
}

// readBegin reads the bracket that begins an array or an object.
func readBegin(in *jsontext.Decoder, bracket jsontext.Kind) error {
	switch kind := in.PeekKind(); kind {
	case bracket, 0: // 0: the end, or a syntax error that reading will report
		_, err := in.ReadToken()
		return err
	default:
		return transport.ShapeError("expected a JSON " + map[jsontext.Kind]string{'[': "array", '{': "object"}[bracket] +
			", got " + transport.KindName(kind))
	}
}

// readEnd reads the last bracket, after which nothing may follow.
func readEnd(in *jsontext.Decoder) error {
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	if _, err := in.ReadToken(); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	return transport.ShapeError("more text follows the JSON")
}
