package api

import (
	"net/http"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// logged writes a line for each request when it is answered. Only the path is logged: the query may
// hold a token.
func (a *api) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		recorder := &statusRecorder{ResponseWriter: w}
		next.ServeHTTP(recorder, r)
		a.Log.Info("request", "method", engine.Shorten(r.Method), "path", engine.Shorten(r.URL.Path), "status", recorder.status,
			"duration", time.Since(started).Round(time.Millisecond), "client", r.RemoteAddr)
	})
}

// statusRecorder remembers the status of an answer; 0 means no answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader passes the status on.
func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
