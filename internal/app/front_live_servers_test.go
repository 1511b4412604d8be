//go:build servers

package app

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serves has a process listen until the test ends and answers its address.
func (p *process) serves() string {
	p.t.Helper()
	l, err := new(net.ListenConfig).Listen(p.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(ctx, l) }()
	p.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	})
	return l.Addr().String()
}

// TestAStreamPassesNginxAsItComes: a change reaches who looks on through nginx
// while the stream is open, headers are there once, and answers are compressed.
func TestAStreamPassesNginxAsItComes(t *testing.T) {
	p := newProcess(t, t.TempDir(), "--http-trusted-proxies", "127.0.0.1", "--rate-requests", "1000")
	create, list, project := p.begin()
	addr := p.serves()
	url, _ := startFront(t, "--upstream", "web="+addr, "--upstream", "auth="+addr, "--upstream", "task="+addr)

	watch, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(watch, http.MethodGet, url+strings.TrimSuffix(create, "/tasks")+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if ct := res.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/event-stream") {
		t.Fatalf("the stream is %d, %s", res.StatusCode, ct)
	}
	lines, seen := bufio.NewScanner(res.Body), false
	lines.Buffer(nil, 1<<20)
	for !seen && lines.Scan() {
		if lines.Text() == "event: ready" {
			p.post(create, `{"project":"`+project+`","title":"through the front door"}`, "id")
		}
		seen = strings.HasPrefix(lines.Text(), "data: ") && strings.Contains(lines.Text(), "through the front door")
	}
	if !seen {
		t.Fatalf("the change did not come while the stream was open: %v", lines.Err())
	}

	for range 20 {
		p.post(create, `{"project":"`+project+`","title":"`+strings.Repeat("long ", 30)+`"}`, "id")
	}
	signed := map[string]string{"Authorization": "Bearer " + p.token, "Accept-Encoding": "gzip"}
	answer, _ := ask(t, http.MethodGet, url+list, signed, nil)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("a page is %d, encoded as %q", answer.StatusCode, answer.Header.Get("Content-Encoding"))
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Request-Id", "Ratelimit", "Date"} {
		if n := len(answer.Header.Values(name)); n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
	local, _ := ask(t, http.MethodGet, url+"/metrics", nil, nil)
	if local.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics is %d", local.StatusCode)
	}
}
