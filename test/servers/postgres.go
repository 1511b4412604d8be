package servers

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
)

// PostgresServer is a PostgreSQL that trusts everybody on loopback.
type PostgresServer struct {
	*Process
	psql string
	next atomic.Int64
}

// postgresFolders are where packages put PostgreSQL's programs beside PATH.
var postgresFolders = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"}

// Postgres starts PostgreSQL on an empty folder. It is told not to sync: a
// Kill loses nothing, a power cut would.
func Postgres(t T) *PostgresServer {
	t.Helper()
	return PostgresIn(t, os.TempDir())
}

// PostgresIn is Postgres with its folder in parent, which everybody may enter.
// It takes less than 100 MB there beside what is in its databases.
func PostgresIn(t T, parent string) *PostgresServer {
	t.Helper()
	initdb, server := program(t, "initdb", postgresFolders...), program(t, "postgres", postgresFolders...)
	s := &PostgresServer{psql: program(t, "psql", postgresFolders...)}
	as := unprivileged(t)
	// Not t.TempDir: that is below a folder that only this user may enter.
	folder, err := os.MkdirTemp(parent, "headway-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if as != nil {
		if err := os.Chown(folder, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(folder, "data")
	cmd := exec.CommandContext(t.Context(), initdb, "--pgdata", data, "--username", "headway", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions")
	cmd.Dir, cmd.SysProcAttr = folder, attributes(as, syscall.SIGKILL)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.Process = start(t, spec{
		name: "PostgreSQL",
		command: func(addr string) (string, []string) {
			_, port, _ := net.SplitHostPort(addr)
			return server, []string{
				"-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + port,
				"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "full_page_writes=off",
				"-c", "shared_buffers=32MB", "-c", "min_wal_size=32MB", "-c", "max_wal_size=64MB", "-c", "max_connections=200",
			}
		},
		ready: func(ctx context.Context, addr string) error { return s.query(ctx, addr, "SELECT 1") },
		user:  as,
		stop:  syscall.SIGINT, // ends without waiting for clients to leave
		again: []string{"still in use", "lock file \"postmaster.pid\" already exists"},
	})
	return s
}

// URL is how a client reaches a database, which Database makes; "postgres" is always there.
func (s *PostgresServer) URL(database string) string {
	return fmt.Sprintf("postgres://headway@%s/%s?sslmode=disable", s.Addr, database)
}

// Database makes an empty database and answers its URL. It goes with the server.
func (s *PostgresServer) Database(t T) string {
	t.Helper()
	name := "test" + strconv.FormatInt(s.next.Add(1), 10)
	if err := s.query(t.Context(), s.Addr, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.URL(name)
}

// query runs a statement in the database postgres.
func (s *PostgresServer) query(ctx context.Context, addr, statement string) error {
	url := fmt.Sprintf("postgres://headway@%s/postgres?sslmode=disable", addr)
	out, err := exec.CommandContext(ctx, s.psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement, url).CombinedOutput()
	if err != nil {
		return fmt.Errorf("psql: %w: %s", err, out)
	}
	return nil
}

// unprivileged answers a user for servers that refuse to run as root: nil,
// this user, where the test itself does not run as root.
func unprivileged(t T) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
	return nil
}
