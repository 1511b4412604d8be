package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Peers tells the address of the client behind a request. X-Forwarded-For is
// believed only as far as trusted proxies wrote it: read from the right, the
// first address that is not a trusted proxy's is the client's.
type Peers struct {
	trusted []netip.Prefix
}

// NewPeers makes Peers that trust proxies at these addresses.
func NewPeers(trusted []netip.Prefix) Peers { return Peers{trusted: trusted} }

// Addr answers the client's address, the zero address where it cannot be told.
func (p Peers) Addr(r *http.Request) netip.Addr {
	addr := remote(r)
	if len(p.trusted) == 0 || !p.trusts(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr // what stands left of nonsense is not believed
		}
		addr = hop
		if !p.trusts(addr) {
			return addr
		}
	}
	return addr
}

// parseHop reads an address as proxies write it, with or without a port.
func parseHop(s string) (netip.Addr, error) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone(""), err
}

func (p Peers) trusts(a netip.Addr) bool {
	for _, prefix := range p.trusted {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// remote is the address of the other end of the connection.
func remote(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

// Network is the address that limits count: an IPv4 address, or the /64 of an
// IPv6 one, since one subscriber has a whole /64 (RFC 6177).
func Network(a netip.Addr) netip.Addr {
	if a.Is4() || !a.IsValid() {
		return a
	}
	prefix, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return prefix.Addr()
}

// local reports whether the client is on this machine and no proxy is in between.
func local(r *http.Request) bool {
	return remote(r).IsLoopback() && r.Header["X-Forwarded-For"] == nil
}
