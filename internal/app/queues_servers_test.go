//go:build servers

package app

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/bus/poll"
	"headway/internal/platform/bus/sqs"
	"headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
	"headway/test/servers"
)

// TestTellsConsumersOverSQS: what the server commits comes to a group in
// another process, and the server goes on without SQS.
func TestTellsConsumersOverSQS(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	server := servers.SQS(t)
	url := server.URL("app-test")
	target, err := sqs.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	other, err := sqs.New(t.Context(), sqs.Options{
		Target: target, Changes: poll.Options{Source: memory.New()}, Wait: time.Second, Discover: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // answers nil
	ctx, cancel := context.WithCancel(context.Background())
	heard, ready, ended := make(chan bus.Reached, 1000), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- other.Consume(ctx, "listener", ready, func(_ context.Context, m bus.Reached) error { heard <- m; return nil })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-ready

	p := newProcess(t, t.TempDir(), "--bus-url", url)
	create, _, project := p.begin()
	workspace := ids.MustParse(strings.Split(create, "/")[4])
	if m := <-heard; m.Stream != workspace || m.Seq == 0 {
		t.Errorf("heard %+v of workspace %s", m, workspace)
	}
	if status, parts := p.ready(); status != http.StatusOK || parts["bus"] != "ok" {
		t.Errorf("ready: %d, %v", status, parts)
	}
	if _, metrics := p.do(http.MethodGet, "/metrics", ""); !bytes.Contains(metrics, []byte("headway_bus_sent_total")) {
		t.Error("the metrics do not tell of the bus")
	}

	server.Kill()
	for parts := map[string]string{}; parts["bus"] != "degraded"; _, parts = p.ready() {
		if status, body := p.do(http.MethodPost, create, `{"project":"`+project+`","title":"Still here"}`); status != http.StatusCreated {
			t.Fatalf("%d %s", status, body)
		}
	}
}
