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

	"headway/test/servers"
)

// TestAChangeAtOneProcessIsLiveAtAnother: who looks on at one process sees what
// is done at the other, at once, by a wake-up through Redis.
func TestAChangeAtOneProcessIsLiveAtAnother(t *testing.T) {
	store, redis := servers.FerretDB(t, servers.OnPostgres).Database(t), servers.Redis(t).URL()
	one := newProcess(t, t.TempDir(), "--store-url", store, "--redis-url", redis)
	two := newProcess(t, t.TempDir(), "--store-url", store, "--redis-url", redis)
	create, _, project := one.begin()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- two.Serve(ctx, l) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	watch, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(watch, http.MethodGet, "http://"+l.Addr().String()+strings.TrimSuffix(create, "/tasks")+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+one.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	made := false
	for lines.Scan() {
		if lines.Text() == "event: ready" { // it looks on from here
			one.post(create, `{"project":"`+project+`","title":"seen elsewhere"}`, "id")
			made = true
		}
		if strings.HasPrefix(lines.Text(), "data: ") && strings.Contains(lines.Text(), "seen elsewhere") {
			if !made {
				t.Error("it was seen before it was done")
			}
			return
		}
	}
	t.Fatalf("the stream ended before the change came: %v", lines.Err())
}
