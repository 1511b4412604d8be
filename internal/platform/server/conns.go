package server

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Connections bounds the open connections of a process. A connection over the
// bound is closed at once, so that a load balancer goes elsewhere.
type Connections struct {
	// Most bounds all of them, MostPerClient those of one client (an IPv4
	// address or an IPv6 /64); 0 does not.
	Most, MostPerClient int
	// Trusted proxies bring many clients, so they are not bounded as one.
	Trusted []netip.Prefix

	mu      sync.Mutex
	open    int
	clients map[netip.Addr]int
	refused atomic.Uint64
}

// Open answers how many connections are open, and how many were refused since the start.
func (c *Connections) Open() (open int, refused uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open, c.refused.Load()
}

// listen bounds what the listener accepts.
func (c *Connections) listen(l net.Listener) net.Listener {
	return &boundedListener{Listener: l, c: c}
}

type boundedListener struct {
	net.Listener
	c *Connections
}

// Accept answers the next connection that is within the bounds.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := l.c.client(conn.RemoteAddr())
		if l.c.take(client) {
			return &boundedConn{Conn: conn, c: l.c, client: client}, nil
		}
		_ = conn.Close() // nothing was said on it
	}
}

// client answers who is counted, the zero address for nobody.
func (c *Connections) client(remote net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(remote.String())
	if err != nil || c.MostPerClient <= 0 {
		return netip.Addr{}
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.IsLoopback() || NewPeers(c.Trusted).trusts(addr) {
		return netip.Addr{}
	}
	return Network(addr)
}

func (c *Connections) take(client netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if (c.Most > 0 && c.open >= c.Most) || (client.IsValid() && c.clients[client] >= c.MostPerClient) {
		c.refused.Add(1)
		return false
	}
	c.open++
	if client.IsValid() {
		if c.clients == nil {
			c.clients = map[netip.Addr]int{}
		}
		c.clients[client]++
	}
	return true
}

func (c *Connections) leave(client netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if client.IsValid() {
		if c.clients[client]--; c.clients[client] == 0 {
			delete(c.clients, client)
		}
	}
}

// boundedConn is counted until it is closed.
type boundedConn struct {
	net.Conn
	c      *Connections
	client netip.Addr
	once   sync.Once
}

// Close implements net.Conn.
func (b *boundedConn) Close() error {
	b.once.Do(func() { b.c.leave(b.client) })
	return b.Conn.Close()
}
