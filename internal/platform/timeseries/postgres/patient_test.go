//go:build servers

package postgres_test

import (
	"strings"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/platform/timeseries/postgres"
	"headway/test/servers"
)

func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	server := servers.Postgres(t)
	database := server.Database(t)
	proxy := servers.NewProxy(t, server.Addr)
	url := strings.Replace(database, server.Addr, proxy.Addr, 1)
	proxy.Cut()
	s, err := postgres.OpenPatiently(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatalf("a database that is away is refused: %v", err)
	}
	t.Cleanup(s.Close)
	point := timeseries.Point{ID: ids.New(), Workspace: ids.New(), Metric: "m", At: time.Now(), Value: 1}
	insert := func() error {
		_, err := s.Insert(t.Context(), []timeseries.Point{point})
		return err
	}
	comesBack := func() {
		t.Helper()
		proxy.Mend(t)
		deadline := time.Now().Add(20 * time.Second)
		for err := insert(); err != nil; err = insert() {
			if !apperr.Is(err, apperr.Unavailable) || time.Now().After(deadline) {
				t.Fatalf("it does not come back: %v", err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if err := insert(); !apperr.Is(err, apperr.Unavailable) {
			t.Errorf("a database that is away answers %v", err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("a database that is away is pinged")
		}
		comesBack()
		proxy.Cut()
	}
	wrong := strings.Replace(database, "/"+database[strings.LastIndex(database, "/")+1:], "/nowhere", 1)
	if _, err := postgres.OpenPatiently(t.Context(), postgres.Options{URL: wrong}); err == nil {
		t.Error("a database that is not there is taken")
	}
}
