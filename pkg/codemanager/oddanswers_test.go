package codemanager_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

const answered = `[{"environment":"production","id":7,"status":"complete"}]`

// An answer that broke off counts as no answer: the request was sent, and its outcome is unknown.
func TestAnswersThatBreakOff(t *testing.T) {
	for name, text := range map[string]string{
		"HTTP/1.0, cut":      "HTTP/1.0 200 OK\r\n\r\n" + answered[:30],
		"HTTP/1.0, empty":    "HTTP/1.0 200 OK\r\n\r\n",
		"no length, cut":     "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + answered[:30],
		"no length, empty":   "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
		"a length, cut":      fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answered), answered[:30]),
		"chunks, cut":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n" + answered[:30] + "\r\n",
		"in the head":        "HTTP/1.1 200 OK\r\nContent-",
		"nothing":            "",
		"an error page, cut": "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100\r\n\r\n<html>",
	} {
		t.Run(name, func(t *testing.T) {
			list, err := serveText(t, text).Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true, Wait: true})
			broken, ok := errors.AsType[*codemanager.ConnectionError](err)
			if !ok || !broken.Sent || list != nil {
				t.Errorf("got %v, %T %v", list, err, err)
			}
		})
	}
}

// A complete answer needs no length.
func TestAnswerWithoutALength(t *testing.T) {
	list, err := serveText(t, "HTTP/1.0 200 OK\r\n\r\n"+answered).Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true, Wait: true})
	if err != nil || len(list) != 1 || list[0].Status != codemanager.StatusComplete {
		t.Errorf("%v %v", list, err)
	}
}
