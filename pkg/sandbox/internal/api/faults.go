package api

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Faults are requests that are answered with an error, like by a proxy whose server is down.
type Faults struct {
	// StatusCode is the status of the answer; 0 means no faults.
	StatusCode int
	// Requests is how many requests are answered like this, from the first on.
	// Less than 1 means all.
	Requests int
}

// handler answers the first requests itself.
func (f Faults) handler(next http.Handler) http.Handler {
	if f.StatusCode == 0 {
		return next
	}
	var seen atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if number := seen.Add(1); f.Requests > 0 && number > int64(f.Requests) {
			next.ServeHTTP(w, r)
			return
		}
		title := fmt.Sprintf("%d %s", f.StatusCode, http.StatusText(f.StatusCode))
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.StatusCode)
		_, _ = fmt.Fprintf(w, "<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", title, title)
	})
}
