package sandbox

import (
	"net"
	"net/http"
	"sync"
)

// unused are the connections that no request came on yet. Clients open them
// beside the one they use, and Shutdown would wait for each: up to five
// seconds, for a request may be on its way.
type unused struct {
	mutex   sync.Mutex
	conns   map[net.Conn]bool
	closing bool
}

// note follows a connection. It is the server's ConnState.
func (u *unused) note(conn net.Conn, state http.ConnState) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, conn)
	case u.closing:
		_ = conn.Close() // it was accepted just before the listener closed
	default:
		if u.conns == nil {
			u.conns = map[net.Conn]bool{}
		}
		u.conns[conn] = true
	}
}

// close closes them, and those to come.
func (u *unused) close() {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.closing = true
	for conn := range u.conns {
		_ = conn.Close() // nobody waits for anything on it
	}
}
