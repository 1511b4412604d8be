package sqlitedb_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

var notes = sqlitedb.Migrations{Owner: "notes", Files: fstest.MapFS{
	"0001_notes.sql": {Data: []byte(`
		CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
		CREATE TABLE links (n INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes (n) DEFERRABLE INITIALLY DEFERRED) STRICT;`)},
}}

func insert(n int, text string) func(*sqlitedb.Conn) error {
	return func(c *sqlitedb.Conn) error {
		return c.Exec("INSERT INTO notes (n, text) VALUES (?, ?)", n, text)
	}
}

// texts answers what is in the table, in order.
func texts(t *testing.T, db *sqlitedb.DB) []string {
	t.Helper()
	var got []string
	err := db.Read(t.Context(), func(c *sqlitedb.Conn) error {
		return c.Query("SELECT text FROM notes ORDER BY n", func(s *sqlitedb.Stmt) error {
			got = append(got, s.ColumnText(0))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// together runs the jobs as one group: they queue while a first job holds the writer.
func together(t *testing.T, db *sqlitedb.DB, fns ...func(*sqlitedb.Conn) error) []error {
	t.Helper()
	started, held := make(chan struct{}), make(chan struct{})
	start := sync.OnceFunc(func() { close(started) }) // a job may run again
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Write(t.Context(), func(*sqlitedb.Conn) error {
			start()
			<-held
			return nil
		})
		if err != nil {
			t.Logf("the holding job: %v", err)
		}
	})
	<-started
	errs := make([]error, len(fns))
	for i, fn := range fns {
		wg.Go(func() { errs[i] = db.Write(t.Context(), fn) })
		for db.Stats().Queued != i+1 {
			// The next one queues behind this one.
			if t.Context().Err() != nil {
				t.Fatal("the test was given up")
			}
		}
	}
	close(held)
	wg.Wait()
	return errs
}

func TestAFailingJobLeavesTheOthersOfItsGroup(t *testing.T) {
	t.Parallel()
	db := sqlitedbtest.OpenWith(t, sqlitedb.Options{Migrations: []sqlitedb.Migrations{notes}, MaxHold: 1 << 40})
	boom := errors.New("refused")
	fail := func(n int) func(*sqlitedb.Conn) error {
		return func(c *sqlitedb.Conn) error { return errors.Join(insert(n, "never")(c), boom) }
	}
	errs := together(t, db, fail(1), insert(2, "b"), fail(3),
		func(*sqlitedb.Conn) error { panic("a bug") },
		func(*sqlitedb.Conn) error { return boom }, insert(4, "d"))
	for i, want := range []bool{true, false, true, true, true, false} {
		if (errs[i] != nil) != want {
			t.Errorf("job %d answered %v", i, errs[i])
		}
	}
	if got := texts(t, db); !slices.Equal(got, []string{"b", "d"}) {
		t.Errorf("the table holds %q", got)
	}
	if s := db.Stats(); s.Groups != 1 || s.Jobs != 3 || s.Failed != 4 {
		t.Errorf("stats are %+v", s)
	}
}

func TestAFailingCommitFailsEveryJobAndTheWriterGoesOn(t *testing.T) {
	t.Parallel()
	db := sqlitedbtest.OpenWith(t, sqlitedb.Options{Migrations: []sqlitedb.Migrations{notes}, MaxHold: 1 << 40})
	var told []string
	tell := func(name string, fn func(*sqlitedb.Conn) error) func(*sqlitedb.Conn) error {
		return func(c *sqlitedb.Conn) error {
			c.OnCommit(func() { told = append(told, name+" committed") })
			c.OnRollback(func() { told = append(told, name+" rolled back") })
			return fn(c)
		}
	}
	// The dangling reference is found at COMMIT only, like a disk that is full.
	errs := together(t, db, tell("a", insert(1, "a")), tell("b", func(c *sqlitedb.Conn) error {
		return c.Exec("INSERT INTO links (note) VALUES (99)")
	}))
	for i, err := range errs {
		if err == nil {
			t.Errorf("job %d was acknowledged", i)
		}
	}
	if err := db.Write(t.Context(), tell("c", insert(2, "c"))); err != nil {
		t.Fatalf("the write after it: %v", err)
	}
	if got := texts(t, db); !slices.Equal(got, []string{"c"}) {
		t.Errorf("the table holds %q", got)
	}
	if want := []string{"b rolled back", "a rolled back", "c committed"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestAFullDatabaseRefusesWritesAndGoesOnOnceThereIsRoom(t *testing.T) {
	t.Parallel()
	db := sqlitedbtest.Open(t, notes)
	limit := func(pages int) {
		err := db.Write(t.Context(), func(c *sqlitedb.Conn) error {
			return c.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(20)
	big := strings.Repeat("x", 100_000)
	if err := db.Write(t.Context(), insert(1, big)); err == nil {
		t.Fatal("a write beyond the limit was acknowledged")
	}
	if err := db.Write(t.Context(), insert(2, "small")); err != nil {
		t.Errorf("a write that fits: %v", err)
	}
	limit(1 << 20)
	if err := db.Write(t.Context(), insert(3, big)); err != nil {
		t.Errorf("a write after room was made: %v", err)
	}
	if got := texts(t, db); len(got) != 2 || got[0] != "small" || got[1] != big {
		t.Errorf("the table holds %d texts", len(got))
	}
}

func TestHooksRunInOrder(t *testing.T) {
	t.Parallel()
	db := sqlitedbtest.OpenWith(t, sqlitedb.Options{Migrations: []sqlitedb.Migrations{notes}, MaxHold: 1 << 40})
	var order []string
	job := func(n int) func(*sqlitedb.Conn) error {
		return func(c *sqlitedb.Conn) error {
			c.OnCommit(func() { order = append(order, fmt.Sprint("commit ", n)) })
			c.BeforeCommit("flush", func(c *sqlitedb.Conn) error {
				order = append(order, "flush")
				return insert(100, "flushed")(c)
			})
			return insert(n, fmt.Sprint(n))(c)
		}
	}
	for i, err := range together(t, db, job(1), job(2), job(3)) {
		if err != nil {
			t.Errorf("job %d: %v", i, err)
		}
	}
	if want := []string{"flush", "commit 1", "commit 2", "commit 3"}; !slices.Equal(order, want) {
		t.Errorf("order is %q, want %q", order, want)
	}
	if got := texts(t, db); !slices.Equal(got, []string{"1", "2", "3", "flushed"}) {
		t.Errorf("the table holds %q", got)
	}
}

func TestAJobWhoseCallerGaveUpDoesNotRun(t *testing.T) {
	t.Parallel()
	db := sqlitedbtest.Open(t, notes)
	started, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Write(t.Context(), func(*sqlitedb.Conn) error { close(started); <-held; return nil })
	})
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() { gaveUp <- db.Write(ctx, insert(1, "never")) }()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who gave up was answered %v", err)
	}
	close(held)
	wg.Wait()
	if err := db.Write(t.Context(), insert(2, "later")); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, db); !slices.Equal(got, []string{"later"}) {
		t.Errorf("the table holds %q", got)
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	const writers, each = 16, 50
	db := sqlitedbtest.OpenWith(t, sqlitedb.Options{Migrations: []sqlitedb.Migrations{notes}, CheckpointPages: 20})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := db.Write(t.Context(), insert(w*each+i, strings.Repeat("y", 500))); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range each {
				err := db.View(t.Context(), func(c *sqlitedb.Conn) error {
					var counts [2]int
					for i := range counts {
						if err := c.Query("SELECT count(*) FROM notes", func(s *sqlitedb.Stmt) error {
							counts[i] = s.ColumnInt(0)
							return nil
						}); err != nil {
							return err
						}
					}
					if counts[0] != counts[1] {
						return fmt.Errorf("one snapshot counted %v", counts)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(texts(t, db)); got != writers*each {
		t.Errorf("%d rows, want %d", got, writers*each)
	}
	if s := db.Stats(); s.Checkpoints == 0 || s.WALPages > 2_000 {
		t.Errorf("the WAL was not kept short: %+v", s)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	db := sqlitedbtest.Open(t, notes)
	if err := db.Read(t.Context(), insert(1, "x")); err == nil {
		t.Error("a reader wrote")
	}
}
