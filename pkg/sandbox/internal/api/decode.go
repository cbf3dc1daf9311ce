package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxBody is the size of a request body in bytes: 20,000 long names fit.
const maxBody = 1 << 20

// deployRequest is the body of POST /v1/deploys. Other keys are ignored, as by a
// server that is older than its client.
type deployRequest struct {
	Environments  []string `json:"environments"`
	DeployAll     bool     `json:"deploy-all"`
	Wait          bool     `json:"wait"`
	DeployModules *bool    `json:"deploy-modules"`
	Modules       []string `json:"modules"`
	// Both spellings are documented; one is enough.
	DryRun       bool `json:"dry_run"`
	DryRunHyphen bool `json:"dry-run"`
}

// readDeployRequest reads and checks a body.
func readDeployRequest(body io.Reader) (deployRequest, *problem) {
	var request deployRequest
	if refused := readBody(body, &request); refused != nil {
		return request, refused
	}
	request.Environments = unique(request.Environments)
	switch {
	case request.DeployAll, request.DryRun, request.DryRunHyphen, len(request.Environments) > 0:
		return request, nil
	case request.Environments != nil:
		return request, invalid(`"environments" is empty: name at least one environment, or set "deploy-all" to true`)
	default:
		return request, invalid(`nothing to deploy: name "environments", or set "deploy-all" or "dry_run" to true`)
	}
}

// readBody reads a JSON object into a struct.
func readBody(body io.Reader, into any, options ...json.Options) *problem {
	text, err := io.ReadAll(body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &problem{
			status: http.StatusRequestEntityTooLarge, kind: KindRequestTooLarge,
			msg: fmt.Sprintf("the request body is larger than %d bytes", tooLarge.Limit),
		}
	}
	if err != nil {
		return &problem{
			status: http.StatusRequestTimeout, kind: KindInvalidRequest,
			msg: "the request body did not arrive in full",
		}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return invalid(`the request body is empty: send a JSON object such as {"environments": ["production"]}`)
	}
	if string(bytes.TrimSpace(text)) == "null" { // which the decoder takes for an empty object
		return invalid("the request body must be a JSON object")
	}
	options = append(options, json.WithUnmarshalers(json.UnmarshalFromFunc(refuseNull)))
	if err := json.Unmarshal(text, into, options...); err != nil {
		return invalid(mismatch(err))
	}
	return nil
}

// refuseNull makes the decoder refuse null in a list of names.
func refuseNull(decoder *jsontext.Decoder, _ *string) error {
	if decoder.PeekKind() == 'n' {
		return errors.New("a string is expected")
	}
	return errors.ErrUnsupported
}

// mismatch is the text of a decoder error, without names of Go types.
func mismatch(err error) string {
	wrong := (*json.SemanticError)(nil)
	if !errors.As(err, &wrong) || wrong.GoType == nil {
		return "the request body is not valid JSON: " + strings.TrimPrefix(err.Error(), "jsontext: ")
	}
	// The place is like /environments/0.
	place, want := strings.TrimPrefix(string(wrong.JSONPointer), "/"), "a JSON object"
	switch strings.TrimLeft(wrong.GoType.String(), "*") {
	case "bool":
		want = "true or false"
	case "string":
		want = "a string"
	case "[]string":
		want = "an array of strings"
	}
	if place == "" {
		return "the request body must be " + want
	}
	return strconv.Quote(place) + " in the request body must be " + want
}

// unique removes duplicates.
func unique(names []string) []string {
	seen := map[string]bool{}
	kept := names[:0]
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			kept = append(kept, name)
		}
	}
	return kept
}
