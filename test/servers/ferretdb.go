package servers

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
)

// Backend is where FerretDB keeps its data.
type Backend string

// OnSQLite keeps them in files: the quicker start. OnPostgres keeps them in a
// PostgreSQL that is started too: the quicker queries.
const (
	OnSQLite   Backend = "sqlite"
	OnPostgres Backend = "postgresql"
)

// FerretDBServer speaks the MongoDB protocol.
type FerretDBServer struct {
	*Process
	// Postgres is below it with OnPostgres, else nil.
	Postgres *PostgresServer
	next     atomic.Int64
}

// FerretDB starts a server of the MongoDB protocol with no data.
func FerretDB(t testing.TB, backend Backend) *FerretDBServer {
	t.Helper()
	program := tool(t, "ferretdb")
	s := &FerretDBServer{}
	var args []string
	switch backend {
	case OnPostgres:
		s.Postgres = Postgres(t)
		args = []string{"-postgres", s.Postgres.Database(t)}
	case OnSQLite:
		args = []string{"-sqlite", "file:" + t.TempDir() + "/?_pragma=synchronous(off)"}
	default:
		t.Fatalf("there is no backend %q", backend)
	}
	s.Process = start(t, spec{
		name: "FerretDB",
		command: func(addr string) (string, []string) {
			return program, append([]string{"-listen", addr}, args...)
		},
		ready: accepts,
	})
	return s
}

// URL is how a client reaches a database, which need not be there yet.
func (s *FerretDBServer) URL(database string) string {
	return MongoURL(s.Addr, database)
}

// MongoURL is the URL of a database on a server or a proxy of the MongoDB protocol.
func MongoURL(addr, database string) string {
	return fmt.Sprintf("mongodb://%s/%s?directConnection=true", addr, database)
}

// Database answers the URL of an empty database.
func (s *FerretDBServer) Database(testing.TB) string {
	return s.URL("test" + strconv.FormatInt(s.next.Add(1), 10))
}
