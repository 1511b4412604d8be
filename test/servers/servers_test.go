//go:build servers

package servers_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"headway/test/servers"
)

// ask sends one line to a Redis and answers the first line that comes back
// within the time given.
func ask(addr, line string, within time.Duration) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, within)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(answer), err
}

func wantAnswer(t *testing.T, addr, line, want string) {
	t.Helper()
	if got, err := ask(addr, line, 10*time.Second); err != nil || got != want {
		t.Fatalf("%s: %q, %v, want %q", line, got, err, want)
	}
}

func TestAServerIsPausedKilledAndRestarted(t *testing.T) {
	t.Parallel()
	s := servers.Redis(t)
	wantAnswer(t, s.Addr, "SET key here", "+OK")
	if got := s.Commands(t)["set"]; got != 1 {
		t.Errorf("SET was called %d times", got)
	}

	s.Pause(t)
	if got, err := ask(s.Addr, "PING", 200*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("paused, it answered %q, %v", got, err)
	}
	s.Resume(t)
	wantAnswer(t, s.Addr, "STRLEN key", ":4")

	s.Kill()
	if got, err := ask(s.Addr, "PING", time.Second); err == nil {
		t.Errorf("killed, it answered %q", got)
	}
	s.Start(t)
	wantAnswer(t, s.Addr, "STRLEN key", ":0")
	s.Start(t)
	wantAnswer(t, s.Addr, "PING", "+PONG")
}

func TestServersAreGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var addr string
	t.Run("paused", func(t *testing.T) {
		s := servers.Redis(t)
		s.Pause(t)
		addr = s.Addr
	})
	if _, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
		t.Error("it still accepts connections")
	}
}

func TestRedisClusterServesAllSlots(t *testing.T) {
	t.Parallel()
	c := servers.Cluster(t)
	var moved, served int
	for _, addr := range c.Addrs() {
		for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
			switch got, err := ask(addr, "SET "+key+" 1", 10*time.Second); {
			case err != nil:
				t.Fatal(err)
			case got == "+OK":
				served++
			case strings.HasPrefix(got, "-MOVED "):
				moved++
			default:
				t.Errorf("SET %s answered %q", key, got)
			}
		}
	}
	if served != 6 || moved != 12 {
		t.Errorf("%d keys served and %d sent on, want 6 and 12", served, moved)
	}
}

// psql runs a statement and answers what it prints.
func psql(t *testing.T, url, statement string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", statement, url).CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestPostgresKeepsItsDataWhenKilled(t *testing.T) {
	t.Parallel()
	s := servers.Postgres(t)
	one, two := s.Database(t), s.Database(t)
	psql(t, one, "CREATE TABLE it (n int)")
	psql(t, two, "CREATE TABLE it (n int)")
	psql(t, one, "INSERT INTO it VALUES (7)")
	s.Kill()
	s.Start(t)
	if got := psql(t, one, "SELECT n FROM it"); got != "7" {
		t.Errorf("after the kill: %q", got)
	}
	if got := psql(t, two, "SELECT count(*) FROM it"); got != "0" {
		t.Errorf("the other database: %q", got)
	}
}

func TestFerretDBStartsOnBothBackends(t *testing.T) {
	t.Parallel()
	for _, backend := range []servers.Backend{servers.OnSQLite, servers.OnPostgres} {
		t.Run(string(backend), func(t *testing.T) {
			t.Parallel()
			s := servers.FerretDB(t, backend)
			if a, b := s.Database(t), s.Database(t); a == b || !strings.Contains(a, s.Addr) {
				t.Errorf("databases %s and %s", a, b)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			var dialer net.Dialer
			conn, err := dialer.DialContext(ctx, "tcp", s.Addr)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
		})
	}
}

func TestAProxyBreaksTheLine(t *testing.T) {
	t.Parallel()
	s := servers.Redis(t)
	p := servers.NewProxy(t, s.Addr)
	const short = 300 * time.Millisecond
	wantAnswer(t, p.Addr, "SET key 1", "+OK")

	p.Cut()
	if got, err := ask(p.Addr, "INCR key", short); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("cut, it answered %q, %v", got, err)
	}
	p.Mend(t)
	wantAnswer(t, p.Addr, "GET key", "$1")

	p.Silence(t)
	if got, err := ask(p.Addr, "INCR key", short); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silent, it answered %q, %v", got, err)
	}
	p.Mend(t)
	wantAnswer(t, p.Addr, "INCR key", ":2")

	p.LoseAnswers(t)
	if got, err := ask(p.Addr, "INCR key", short); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("with its answer lost, it answered %q, %v", got, err)
	}
	p.Mend(t)
	wantAnswer(t, p.Addr, "INCR key", ":4")

	p.Delay(t, short)
	if got, err := ask(p.Addr, "INCR key", short/3); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("delayed, it answered %q at once, %v", got, err)
	}
	wantAnswer(t, p.Addr, "INCR key", ":6")
}
