package codemanager

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Deploy starts deployments, and with Wait waits for their outcome. It sends
// the request once, never again, and has no time limit but the context's. An
// environment that failed is part of the result, not an error.
//
// Errors: *APIError where the server refused, *ResponseError where its answer
// makes no sense, *ConnectionError where there is none.
func (c *Client) Deploy(ctx context.Context, req DeployRequest) ([]Deployment, error) {
	got, err := c.do(ctx, call{method: http.MethodPost, endpoint: "/deploys", body: req})
	if err != nil {
		return nil, err
	}
	if err := got.refused(); err != nil {
		return nil, err
	}
	deployments, err := decodeArray[Deployment](got)
	if err != nil {
		return nil, err
	}
	for i, d := range deployments {
		if d.Environment == "" {
			return nil, got.nonsense(fmt.Errorf("no environment is named at /%d", i))
		}
	}
	return deployments, nil
}

// Status asks for the health of Code Manager and file sync. An unhealthy
// service answers with HTTP status 503 and the same body: that is a result,
// not an error. Errors are those of Deploy.
func (c *Client) Status(ctx context.Context, level string) (ServiceStatus, error) {
	req := call{method: http.MethodGet, endpoint: "/status", query: url.Values{"level": {level}}}
	got, err := c.read(ctx, req)
	if err != nil {
		return ServiceStatus{}, err
	}
	refused := got.refused()
	if refused != nil && got.status != http.StatusServiceUnavailable {
		return ServiceStatus{}, refused
	}
	status, err := decodeObject[ServiceStatus](got)
	if err == nil && status.State != "" {
		return status, nil
	}
	if refused != nil {
		return ServiceStatus{}, refused
	}
	if err == nil {
		err = got.nonsense(errors.New("an object without a state"))
	}
	return ServiceStatus{}, err
}

// DeploysStatus asks what is queued, deploying, failed, staged and live on
// each compiler. Errors are those of Deploy.
func (c *Client) DeploysStatus(ctx context.Context) (DeploysStatus, error) {
	got, err := c.read(ctx, call{method: http.MethodGet, endpoint: "/deploys/status"})
	if err != nil {
		return DeploysStatus{}, err
	}
	if err := got.refused(); err != nil {
		return DeploysStatus{}, err
	}
	return decodeObject[DeploysStatus](got)
}

// read sends a request that changes nothing, within ReadTimeout.
func (c *Client) read(ctx context.Context, req call) (*answer, error) {
	limit := c.opts.ReadTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit,
		fmt.Errorf("no answer within %s s", strconv.FormatFloat(limit.Seconds(), 'f', -1, 64)))
	defer cancel()
	return c.do(ctx, req)
}
