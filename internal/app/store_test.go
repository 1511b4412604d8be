package app

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"headway/internal/app/config"
	"headway/internal/platform/sqlitedb"
)

// run calls the program and answers its exit code and all that it said.
func run(args ...string) (code int, said string) {
	p, out, errs := program(args...)
	code = Main(p)
	return code, out.String() + errs.String()
}

// TestStoreCheckBesideARunningServer: a check finds nothing while the server
// has the folder open, and each fault once it was planted.
func TestStoreCheckBesideARunningServer(t *testing.T) {
	data := t.TempDir()
	cfgProgram, _, _ := program("serve")
	cfg, err := cfgProgram.settings(cfgProgram.flags("serve"), []string{"--data", data}, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	if code, said := run("store", "check", "--data", data); code != 1 || !strings.Contains(said, "there is no database in "+data) {
		t.Errorf("of an empty folder it says %d %q", code, said)
	}
	p, err := openPlatform(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if code, said := run("store", "check", "--data", data); code != 0 || said != "The store is as this version needs it.\n" {
		t.Errorf("beside a server it says %d %q", code, said)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	conn, err := sqlite.OpenConn(filepath.Join(data, sqlitedb.FileName), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	plant := func(script string) {
		t.Helper()
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(lines ...string) {
		t.Helper()
		code, said := run("store", "check", "--data", data)
		if code != 1 {
			t.Errorf("the exit code is %d", code)
		}
		for _, l := range lines {
			if !strings.Contains(said, l) {
				t.Errorf("it says %q, want %q", said, l)
			}
		}
	}
	plant("DROP INDEX tasks_seq; DROP INDEX events_id; CREATE INDEX events_id ON events (id, place);")
	expect("The index tasks_seq is missing", "The index events_id is not as the program makes it", "findings: 2")
	plant("UPDATE schema_migrations SET version = 99 WHERE owner = 'eventlog'; DELETE FROM schema_migrations WHERE owner = 'auth'")
	expect("was written by a newer headway (eventlog schema 99", "The auth tables are at version 0 and this program needs 1", "findings: 2")
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSpreadCollectionsKeepTheirUniqueIndexes: on a cluster, a unique index
// holds among all shards only where it begins with the shard key.
func TestSpreadCollectionsKeepTheirUniqueIndexes(t *testing.T) {
	for _, s := range mongoSchemas(config.Targets{config.All}) {
		for _, c := range s.Collections {
			if c.ShardKey == "" {
				t.Errorf("%s has no shard key", c.Name)
			}
			for _, x := range c.Indexes {
				if x.Unique && !c.Small && x.Fields[0] != c.ShardKey {
					t.Errorf("%s is unique by %v, spread by %s", c.Name, x.Fields, c.ShardKey)
				}
			}
		}
	}
}

func TestStoreCommandsSayWhatTheyNeed(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"store", 2, "store takes one of these"},
		{"store mend", 2, "store takes one of these"},
		{"store init --sharded", 1, "makes its tables by itself"},
		{"store init --zone eu --store-url mongodb://localhost/x", 1, "--zone is for --sharded"},
		{"store init --sharded --zone !! --store-url mongodb://localhost/x", 1, "--zone takes a name"},
	} {
		if code, said := run(strings.Fields(c.args)...); code != c.code || !bytes.Contains([]byte(said), []byte(c.says)) {
			t.Errorf("%s: %d %q", c.args, code, said)
		}
	}
}
