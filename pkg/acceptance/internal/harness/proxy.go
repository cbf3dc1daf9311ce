package harness

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a client and a server, on a port that it keeps. Its fault can change while
// connections are open.
type Proxy struct {
	Address  string
	upstream string

	mutex    sync.Mutex
	listener net.Listener
	// open are both ends of all connections.
	open  map[net.Conn]bool
	fault Fault
}

// Fault is what a proxy does to connections instead of passing data on.
type Fault struct {
	// Reset ends each connection with a reset.
	Reset bool
	// Swallow passes nothing on, not even the end of a connection; SwallowAnswers does so for
	// answers alone.
	Swallow, SwallowAnswers bool
	// Delay is the time before data is passed on.
	Delay time.Duration
}

// NewProxy starts a proxy of a server at HOST:PORT.
func NewProxy(t *testing.T, upstream string) *Proxy {
	t.Helper()
	p := &Proxy{Address: "127.0.0.1:0", upstream: upstream, open: map[net.Conn]bool{}}
	p.Start(t)
	t.Cleanup(p.Stop)
	return p
}

// Start listens, after Stop on the same port.
func (p *Proxy) Start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.Address, p.listener = listener.Addr().String(), listener
	go p.serve(listener)
}

// Stop closes all connections, and refuses new ones. The fault ends with them.
func (p *Proxy) Stop() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_ = p.listener.Close()
	p.closeAll()
	p.fault = Fault{}
}

// Set changes the fault; the zero fault mends the network.
func (p *Proxy) Set(fault Fault) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.fault = fault
	if fault.Reset {
		p.closeAll()
	}
}

// closeAll needs the mutex.
func (p *Proxy) closeAll() {
	for conn := range p.open {
		if p.fault.Reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_ = conn.Close()
	}
	clear(p.open)
}

func (p *Proxy) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.upstream)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mutex.Lock()
		p.open[client], p.open[server] = true, true
		if p.fault.Reset {
			p.closeAll()
		}
		p.mutex.Unlock()
		go p.pass(server, client, false)
		go p.pass(client, server, true)
	}
}

func (p *Proxy) now() Fault {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.fault
}

// pass passes on the data of one direction.
func (p *Proxy) pass(to, from net.Conn, answers bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		fault := p.now()
		swallow := fault.Swallow || answers && fault.SwallowAnswers
		if n > 0 && !swallow {
			<-time.After(fault.Delay)
			_, _ = to.Write(buffer[:n]) // the other direction ends, too
		}
		if err != nil {
			if !swallow {
				_ = to.Close()
			}
			return
		}
	}
}
