package codemanager

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// DeploysStatus is the answer to GET /v1/deploys/status: the deployments that are queued, deploying
// and failed, the staged code of the primary, and the live code of each compiler. It does not list
// complete deployments.
//
// A list or a map is nil if its key, or an object around it, is missing or null in the answer. If the
// server sent it empty, it is empty and not nil.
type DeploysStatus struct {
	Deploys DeploysQueue      `json:"deploys-status"`
	Storage FileSyncStorage   `json:"file-sync-storage-status"`
	Clients FileSyncClientSet `json:"file-sync-client-status"`
	// Date is the server's clock when it answered, in whole seconds; zero without a Date header.
	Date time.Time `json:"-"`
	// Raw is the JSON object as the server sent it, with every key that this package doesn't know.
	Raw RawJSON `json:"-"`
}

// empty reports whether the answer had no part of a status.
func (s *DeploysStatus) empty() bool {
	q := s.Deploys
	return q.New == nil && q.Queued == nil && q.Deploying == nil && q.Failed == nil && s.Storage.Deployed == nil && s.Clients.Clients == nil
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
	response, err := c.http.Do(ctx, transport.Request{Method: http.MethodGet, Path: "/v1/deploys/status", Endpoint: "/deploys/status", Safe: true})
	if err != nil {
		return nil, err
	}
	status, err := readDeploysStatus(response.Body)
	if err != nil {
		return nil, response.Unreadable(err)
	}
	if status.empty() {
		if refused := response.ErrorObject(); refused != nil {
			return nil, refused
		}
	}
	status.Date = response.Date()
	return status, nil
}

func readDeploysStatus(body []byte) (*DeploysStatus, error) {
	raw, err := oneObject(body)
	if err != nil {
		return nil, err
	}
	status := &DeploysStatus{Raw: RawJSON(raw)}
	// The check for duplicate names takes long in large answers.
	return status, json.Unmarshal(raw, status, jsonread.Lenient, jsontext.AllowDuplicateNames(true))
}

// oneObject is a JSON object, or the only object of an array, as some documentation has it.
func oneObject(body jsontext.Value) (jsontext.Value, error) {
	if body.Kind() == '[' {
		var list []jsontext.Value
		if err := json.Unmarshal(body, &list, jsonread.Lenient, jsontext.AllowDuplicateNames(true)); err != nil {
			return nil, err
		}
		if len(list) != 1 {
			return nil, transport.ShapeError(fmt.Sprintf("expected one JSON object, got an array with %d elements", len(list)))
		}
		body = list[0]
	}
	if kind := body.Kind(); kind != '{' && kind != 0 {
		return nil, transport.ShapeError("expected a JSON object, got " + transport.KindName(kind))
	}
	return body, nil
}
