package codemanager

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"
)

// Deploy starts deployments, and with Wait waits for their outcome. It sends
// the request once, never again, and has no time limit but the context's. An
// environment that failed is part of the result, not an error.
//
// Errors: *APIError where the server refused, *ResponseError where its answer
// makes no sense, *ConnectionError where there is none.
func (c *Client) Deploy(ctx context.Context, req DeployRequest) ([]Deployment, error) {
	var list DeploymentList
	if err := c.StreamDeploy(ctx, req, &list); err != nil {
		return nil, err
	}
	return list, nil
}

// StreamDeploy is Deploy for answers of any size: each environment is given to
// results as it arrives. After an error what was given counts for nothing.
func (c *Client) StreamDeploy(ctx context.Context, req DeployRequest, results Results) error {
	_, err := retrying(ctx, c, false, func() (struct{}, error) { return struct{}{}, c.streamDeploy(ctx, req, results) })
	return err
}

func (c *Client) streamDeploy(ctx context.Context, req DeployRequest, results Results) error {
	ctx, cancel := c.withAnswerTimeout(ctx)
	defer cancel()
	got, err := c.open(ctx, call{method: http.MethodPost, endpoint: "/deploys", body: req})
	if err != nil {
		return err
	}
	return c.readStream(ctx, got, func(body *Body) error {
		reader := newDeploymentReader(body)
		if reader.in.PeekKind() == '[' {
			return reader.read(results)
		}
		// The error object of a whole request, or nonsense.
		rest, err := io.ReadAll(io.MultiReader(bytes.NewReader(reader.in.UnreadBuffer()), body))
		if err != nil {
			return err
		}
		got.body = bytes.TrimSpace(rest)
		return got.noArray()
	})
}

// Status asks for the health of Code Manager and file sync. An unhealthy
// service answers with HTTP status 503 and the same body: that is a result,
// not an error. Errors are those of Deploy.
func (c *Client) Status(ctx context.Context, level string) (ServiceStatus, error) {
	return retrying(ctx, c, true, func() (ServiceStatus, error) { return c.status(ctx, level) })
}

func (c *Client) status(ctx context.Context, level string) (ServiceStatus, error) {
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
	if e := got.apiError(); err == nil && e.Snippet == "" {
		return ServiceStatus{}, e
	}
	if err == nil {
		err = got.nonsense(errors.New("an object without a state"))
	}
	return ServiceStatus{}, err
}

// DeploysStatus asks what is queued, deploying, failed, staged and live on
// each compiler. Errors are those of Deploy.
func (c *Client) DeploysStatus(ctx context.Context) (*Snapshot, error) {
	var snapshot *Snapshot
	err := c.StreamDeploysStatus(ctx, nil, func(body *Body) (err error) {
		snapshot, err = ReadSnapshot(body)
		return err
	})
	return snapshot, err
}

// StreamDeploysStatus gives read the body of the answer to GET
// /v1/deploys/status as it arrives: of all deployments, or of the one with
// this id, whose answer is not documented. What read returns about the content
// becomes a *ResponseError; other errors are those of Deploy.
func (c *Client) StreamDeploysStatus(ctx context.Context, id *int64, read func(body *Body) error) error {
	// Once read has begun no error is one that is tried again.
	_, err := retrying(ctx, c, true, func() (struct{}, error) { return struct{}{}, c.streamDeploysStatus(ctx, id, read) })
	return err
}

func (c *Client) streamDeploysStatus(ctx context.Context, id *int64, read func(body *Body) error) error {
	ctx, cancel := c.withReadTimeout(ctx)
	defer cancel()
	req := call{method: http.MethodGet, endpoint: "/deploys/status"}
	if id != nil {
		req.query = url.Values{"id": {FormatID(id)}}
	}
	got, err := c.open(ctx, req)
	if err != nil {
		return err
	}
	return c.readStream(ctx, got, read)
}

// readStream gives read the body of a success, and makes an error of any other
// answer. What read returns about the content becomes a *ResponseError.
func (c *Client) readStream(ctx context.Context, got *answer, read func(*Body) error) error {
	if got.status < 200 || got.status >= 300 {
		if err := c.readBody(ctx, got); err != nil {
			return err
		}
		return got.refused()
	}
	defer got.stream.Close()
	buffered := bufio.NewReaderSize(got.stream, streamBuffer)
	if beginsAsError(buffered) {
		return c.errorOrRead(ctx, got, buffered, read)
	}
	body := NewBody(buffered)
	err := read(body)
	if len(got.body) == 0 {
		got.body = bytes.TrimSpace(body.head)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		// What came of a request that was given up says nothing.
		return c.transportError(ctx, got.call, true, err)
	case body.broken != nil:
		return c.transportError(ctx, got.call, true, got.brokeOff(body.broken))
	case err != nil:
		return got.unreadable(err)
	default:
		return nil
	}
}

// beginsAsError reports whether a body may be an error object: no status and
// no list has these keys.
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

// errorOrRead gives the error of an error object that came with a success, and
// reads what turns out to be none.
func (c *Client) errorOrRead(ctx context.Context, got *answer, body io.Reader, read func(*Body) error) error {
	got.stream = io.NopCloser(body)
	if err := c.readBody(ctx, got); err != nil {
		return err
	}
	if e := got.apiError(); e.Snippet == "" {
		return e
	}
	if err := read(NewBody(bytes.NewReader(got.body))); err != nil {
		return got.unreadable(err)
	}
	return nil
}

// read sends a request that changes nothing, within ReadTimeout.
func (c *Client) read(ctx context.Context, req call) (*answer, error) {
	ctx, cancel := c.withReadTimeout(ctx)
	defer cancel()
	return c.do(ctx, req)
}

// withAnswerTimeout bounds the answer from its first byte: the headers and the
// body of one that took its time to begin.
func (c *Client) withAnswerTimeout(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	limit := time.AfterFunc(time.Hour, func() {
		cancel(fmt.Errorf("the answer began, and was not whole within %s", c.opts.AnswerTimeout))
	})
	limit.Stop()
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotFirstResponseByte: func() { limit.Reset(c.opts.AnswerTimeout) },
	})
	return traced, func() {
		limit.Stop()
		cancel(nil)
	}
}

func (c *Client) withReadTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := c.opts.ReadTimeout
	return context.WithTimeoutCause(ctx, limit,
		fmt.Errorf("no answer within %s s", strconv.FormatFloat(limit.Seconds(), 'f', -1, 64)))
}
