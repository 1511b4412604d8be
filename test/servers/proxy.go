package servers

import (
	"fmt"
	"strings"
	"sync"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy stands between a client and a server and breaks the line. It runs in
// the test's process. Its methods are safe for concurrent use.
type Proxy struct {
	// Addr is where clients connect to, HOST:PORT.
	Addr string

	mu    sync.Mutex
	proxy *toxiproxy.Proxy
}

// NewProxy passes everything on to the server at upstream, HOST:PORT, until it is told otherwise.
func NewProxy(t T, upstream string) *Proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{proxy: toxiproxy.NewProxy(server, "proxy", "127.0.0.1:0", upstream)}
	if err := p.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	p.Addr = p.proxy.Listen // from now on the same port, also after Cut
	t.Cleanup(p.Cut)
	return p
}

// Cut ends all connections and refuses new ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proxy.Stop()
}

// Silence lets connections be and passes nothing on, either way.
func (p *Proxy) Silence(t T) {
	t.Helper()
	p.add(t, `{"name": "questions", "type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}`)
	p.LoseAnswers(t)
}

// LoseAnswers passes on what clients send, and nothing of what comes back: the
// server does what it is asked and nobody hears of it.
func (p *Proxy) LoseAnswers(t T) {
	t.Helper()
	p.add(t, `{"name": "answers", "type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}}`)
}

// Delay holds back every answer for d.
func (p *Proxy) Delay(t T, d time.Duration) {
	t.Helper()
	p.add(t, fmt.Sprintf(`{"name": "delay", "type": "latency", "stream": "downstream", "attributes": {"latency": %d}}`, d.Milliseconds()))
}

func (p *Proxy) add(t T, toxic string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Fatalf("break the line: %v", err)
	}
}

// Mend passes everything on again. Connections on which something was lost are ended.
func (p *Proxy) Mend(t T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proxy.Toxics.ResetToxics(t.Context())
	if p.proxy.Enabled {
		return
	}
	if err := p.proxy.Start(); err != nil {
		t.Fatalf("mend the line: %v", err)
	}
}
