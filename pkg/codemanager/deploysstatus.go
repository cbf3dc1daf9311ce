package codemanager

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// DeploysStatus is the answer to GET /v1/deploys/status: the deployments that are queued, deploying
// and failed, the staged code of the primary, and the live code of each compiler. It does not list
// complete deployments. Keys that this package doesn't know are dropped; [Client.RawDeploysStatus]
// has them.
type DeploysStatus struct {
	Deploys DeploysQueue      `json:"deploys-status"`
	Storage FileSyncStorage   `json:"file-sync-storage-status"`
	Clients FileSyncClientSet `json:"file-sync-client-status"`
	// Date is the server's clock when it answered, in whole seconds; zero without a Date header.
	Date time.Time `json:"-"`
}

// DeploysQueue holds deployments by state. One environment can be in several of them; a failure
// stays for the server's deploy-ttl (an hour) even if a later deployment succeeded.
type DeploysQueue struct {
	New       []QueuedDeploy `json:"new"`
	Queued    []QueuedDeploy `json:"queued"`
	Deploying []QueuedDeploy `json:"deploying"`
	Failed    []QueuedDeploy `json:"failed"`
}

// QueuedDeploy is one deployment that is under way or failed.
type QueuedDeploy struct {
	Environment string    `json:"environment"`
	QueuedAt    Timestamp `json:"queued-at"`
	// ID is empty on servers that do not report it.
	ID ID `json:"id,omitempty"`
	// Error is set only in the list of failures.
	Error *ErrorObject `json:"error,omitzero"`
}

// FileSyncStorage is the staged code of the primary.
type FileSyncStorage struct {
	Deployed []DeployedEnvironment `json:"deployed"`
}

// DeployedEnvironment is an environment in staging or on a compiler.
type DeployedEnvironment struct {
	Environment string `json:"environment"`
	// Date is when it was staged, in whole seconds.
	Date Timestamp `json:"date"`
	// DeploySignature is the commit SHA of the control repo.
	DeploySignature string `json:"deploy-signature"`
}

// FileSyncClientSet is the live code of every compiler, by host name.
type FileSyncClientSet struct {
	AllSynced bool                      `json:"all-synced"`
	Clients   map[string]FileSyncClient `json:"file-sync-clients"`
}

// FileSyncClient is one compiler, or the orchestrator.
type FileSyncClient struct {
	// LastCheckIn is nil if the compiler never checked in.
	LastCheckIn *Timestamp            `json:"last_check_in_time"`
	Synced      bool                  `json:"synced-with-file-sync-storage"`
	Deployed    []DeployedEnvironment `json:"deployed"`
}

// DeploysStatus gets the queued, deploying and failed deployments, and the staged and live code.
// Errors are those of Deploy.
func (c *Client) DeploysStatus(ctx context.Context) (*DeploysStatus, error) {
	response, err := c.http.Do(ctx, deploysStatus("", c.readTimeout))
	if err != nil {
		return nil, err
	}
	defer response.Close()
	answer, err := decodeDeploysStatus(response)
	switch {
	case err != nil:
		return nil, response.Unreadable(err)
	case answer.isError():
		return nil, response.Refusal(answer.Kind, answer.Msg, answer.Details)
	}
	answer.Date = response.Date()
	return &answer.DeploysStatus, nil
}

// RawDeploysStatus returns the JSON of the same answer. With an id, it returns the JSON of that
// deployment, whose form is not documented. The caller closes it. Reading stops with an error at 64
// MB. Errors are those of Deploy.
func (c *Client) RawDeploysStatus(ctx context.Context, id ID) (*RawBody, error) {
	response, err := c.http.Do(ctx, deploysStatus(id, c.readTimeout))
	if err != nil {
		return nil, err
	}
	body := bufio.NewReader(response)
	if !beginsAsError(body) {
		return &RawBody{body, response}, nil
	}
	defer response.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, response.Unreadable(err)
	}
	if refused := response.ErrorObject(text); refused != nil {
		return nil, refused
	}
	return &RawBody{bytes.NewReader(text), response}, nil
}

// RawBody is the unparsed body of an answer. The caller closes it.
type RawBody struct {
	in       io.Reader
	response *transport.Response
}

// Read returns errors with the types of Unreadable.
func (b *RawBody) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // io.EOF stays unwrapped
		err = b.Unreadable(err)
	}
	return n, err
}

// Close ends the answer.
func (b *RawBody) Close() { b.response.Close() }

// Unreadable gives an error of reading or decoding the body its type: *ConnectionError if the
// connection broke, *ResponseError if the body is not JSON. Any other error stays as it is.
func (b *RawBody) Unreadable(err error) error { return b.response.Unreadable(err) }

// beginsAsError reports whether a body may be an error object. A status never begins with these
// keys.
func beginsAsError(body *bufio.Reader) bool {
	begin, _ := body.Peek(64)
	begin = bytes.TrimLeft(begin, "{ \t\r\n")
	for _, key := range []string{`"kind"`, `"msg"`, `"details"`} {
		if bytes.HasPrefix(begin, []byte(key)) {
			return true
		}
	}
	return false
}

func deploysStatus(id ID, timeout time.Duration) transport.Request {
	request := transport.Request{
		Method: http.MethodGet, Path: "/v1/deploys/status", Endpoint: "/deploys/status",
		Timeout: timeout, Safe: true,
	}
	if id != "" {
		request.Query = url.Values{"id": {string(id)}}
	}
	return request
}

// ReadDeploysStatus decodes an answer to GET /v1/deploys/status. Some documentation wraps the object
// in an array of one.
func ReadDeploysStatus(in io.Reader) (*DeploysStatus, error) {
	answer, err := decodeDeploysStatus(in)
	if err == nil && answer.isError() {
		err = errors.New(cmp.Or(answer.Msg, answer.Kind))
	}
	if err != nil {
		return nil, err
	}
	return &answer.DeploysStatus, nil
}

// maxElements is the maximum number of elements in all lists of one answer: 200 compilers with
// 1,000 environments have 200,000.
const maxElements = 500_000

// atMost makes decoding fail after a number of elements. In memory, an element can be many times
// larger than its text.
func atMost(elements int) json.Options {
	count := func() error {
		if elements--; elements < 0 {
			return transport.ShapeError("more than 500,000 elements")
		}
		return errors.ErrUnsupported
	}
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(*jsontext.Decoder, *QueuedDeploy) error { return count() }),
		json.UnmarshalFromFunc(func(*jsontext.Decoder, *DeployedEnvironment) error { return count() }),
		json.UnmarshalFromFunc(func(*jsontext.Decoder, *FileSyncClient) error { return count() }),
	))
}

// statusOrError is a status or an error object.
type statusOrError struct {
	DeploysStatus

	Kind    string  `json:"kind"`
	Msg     string  `json:"msg"`
	Details RawJSON `json:"details"`
}

func (a *statusOrError) isError() bool { return a.Kind != "" || a.Msg != "" }

func decodeDeploysStatus(in io.Reader) (*statusOrError, error) {
	decoder := jsonread.NewDecoder(in)
	wrapped := decoder.PeekKind() == '['
	if wrapped {
		if _, err := decoder.ReadToken(); err != nil {
			return nil, err
		}
	}
	if kind := decoder.PeekKind(); kind != '{' && kind != 0 {
		return nil, transport.ShapeError("expected a JSON object, got " + transport.KindName(kind))
	}
	var answer statusOrError
	if err := json.UnmarshalDecode(decoder, &answer, atMost(maxElements)); err != nil {
		return nil, err
	}
	if wrapped {
		if token, err := decoder.ReadToken(); err != nil {
			return nil, err
		} else if token.Kind() != ']' {
			return nil, transport.ShapeError("expected one JSON object, got an array with several elements")
		}
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, transport.ShapeError("more text follows the JSON")
	}
	return &answer, nil
}
