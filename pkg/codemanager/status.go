package codemanager

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// StateRunning is the state of a healthy service; others are error and unknown.
const StateRunning = "running"

// ServiceStatus is the answer to GET /v1/status: the health of Code Manager and of file sync.
type ServiceStatus struct {
	// State is running, error or unknown.
	State string `json:"state"`
	// FileSync is enabled if Code Manager syncs to compilers.
	FileSync string `json:"-"`
	// Services are the states of the services, in particular file-sync-storage.
	Services map[string]string `json:"-"`
	// Alerts are JSON: notes of the server for an administrator; their form is not documented.
	Alerts []RawJSON `json:"alerts"`
	// HTTPStatus is the status of the answer: an unhealthy service answers 503.
	HTTPStatus int `json:"-"`
	// Raw is the JSON object as the server sent it.
	Raw RawJSON `json:"-"`
}

// Healthy reports whether the HTTP status and all states in the answer are good.
func (s ServiceStatus) Healthy() bool {
	for _, state := range s.Services {
		if state != StateRunning {
			return false
		}
	}
	return s.State == StateRunning && s.HTTPStatus == http.StatusOK
}

// Status asks for the health of Code Manager and file sync. An unhealthy service answers with HTTP
// status 503 and the same body: that is a result, not an error. Errors are those of Deploy.
func (c *Client) Status(ctx context.Context) (ServiceStatus, error) {
	response, err := c.http.Do(ctx, transport.Request{
		Method: http.MethodGet, Path: "/v1/status?level=info", Endpoint: "/status",
		Safe: true, ResultStatus: http.StatusServiceUnavailable,
	})
	if err != nil {
		return ServiceStatus{}, err
	}
	status, err := parseStatus(response.Body)
	if err == nil {
		status.HTTPStatus = response.Status
		return status, nil
	}
	if refused := response.ErrorObject(); refused != nil {
		return ServiceStatus{}, refused
	}
	return ServiceStatus{}, response.Unreadable(err)
}

func parseStatus(body []byte) (ServiceStatus, error) {
	raw, err := oneObject(body)
	if err != nil {
		return ServiceStatus{}, err
	}
	var wire struct {
		ServiceStatus

		Status struct {
			FileSync string            `json:"file_sync"`
			Services map[string]string `json:"services"`
		} `json:"status"`
	}
	if err := json.Unmarshal(raw, &wire, jsonread.Lenient); err != nil {
		return ServiceStatus{}, err
	}
	if wire.State == "" {
		return ServiceStatus{}, transport.ShapeError("the object has no state")
	}
	status := wire.ServiceStatus
	status.FileSync, status.Services, status.Raw = wire.Status.FileSync, wire.Status.Services, RawJSON(raw)
	return status, nil
}
