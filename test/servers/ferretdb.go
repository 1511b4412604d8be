package servers

import (
	"fmt"
	"strconv"
	"sync/atomic"
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
func FerretDB(t T, backend Backend) *FerretDBServer {
	t.Helper()
	switch backend {
	case OnPostgres:
		return FerretDBOver(t, Postgres(t))
	case OnSQLite:
		return ferretDB(t, nil, "-sqlite", "file:"+t.TempDir()+"/?_pragma=synchronous(off)")
	default:
		t.Fatalf("there is no backend %q", backend)
		return nil
	}
}

// FerretDBOver is FerretDB in a database of a PostgreSQL that is there.
func FerretDBOver(t T, postgres *PostgresServer) *FerretDBServer {
	t.Helper()
	// It keeps a connection for each row that a bulk updates until that is done.
	return ferretDB(t, postgres, "-postgres", postgres.Database(t)+"&pool_max_conns=150")
}

func ferretDB(t T, postgres *PostgresServer, args ...string) *FerretDBServer {
	t.Helper()
	program := tool(t, "ferretdb")
	s := &FerretDBServer{Postgres: postgres}
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

// StrictAddr is where one write at a time reaches the server: see NewSingleWriter.
func (s *FerretDBServer) StrictAddr(t T) string {
	t.Helper()
	return NewSingleWriter(t, s.Addr).Addr
}

// StrictDatabase answers the URL of an empty database that compares and sets
// in one, as MongoDB does, for who writes to one document from two places.
func (s *FerretDBServer) StrictDatabase(t T) string {
	t.Helper()
	return MongoURL(s.StrictAddr(t), s.empty())
}

// Database answers the URL of an empty database.
func (s *FerretDBServer) Database(T) string {
	return s.URL(s.empty())
}

// empty names a database that is not there yet.
func (s *FerretDBServer) empty() string {
	return "test" + strconv.FormatInt(s.next.Add(1), 10)
}
