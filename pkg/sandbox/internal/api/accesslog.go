package api

import (
	"net/http"
	"time"
)

// logged writes a line for each request when it is answered. Only the path is logged: the query may
// hold a token. It limits the time to read the answer.
func (a *api) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, limit: a.AnswerTimeout}
		next.ServeHTTP(recorder, r)
		if recorder.err != nil {
			a.Log.Info("an answer was not read", "error", recorder.err, "client", r.RemoteAddr)
		}
		a.Log.Info("request", "method", shorten(r.Method), "path", shorten(r.URL.Path), "status", recorder.status,
			"duration", time.Since(started).Round(time.Millisecond), "client", r.RemoteAddr)
	})
}

// statusRecorder remembers the status of an answer; 0 means no answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
	// limit is how long a client may take to read the answer.
	limit time.Duration
	// err is the error of writing it.
	err error
}

// WriteHeader passes the status on.
func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	// Until the next request. It fails if the connection is closed.
	_ = http.NewResponseController(s.ResponseWriter).SetWriteDeadline(time.Now().Add(s.limit))
	s.ResponseWriter.WriteHeader(status)
}

// Write passes the body on.
func (s *statusRecorder) Write(body []byte) (int, error) {
	n, err := s.ResponseWriter.Write(body)
	s.err = err
	return n, err
}

// Unwrap lets an http.ResponseController reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
