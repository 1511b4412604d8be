//go:build servers

package mongo_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/eventlog/eventlogtest"
	"headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/test/servers"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		return mongo.New(mongodbtest.Open(t, server.Database(t), mongo.Schema()))
	})
}

func event(entity ids.ID, data []byte) eventlog.Event {
	return eventlog.Event{ID: ids.New(), Entity: entity, Type: "test.happened", Version: 1, At: time.Now(), Data: data}
}

func open(t *testing.T) (*mongo.Log, *mongodb.DB) {
	t.Helper()
	db := mongodbtest.Open(t, servers.FerretDB(t, servers.OnSQLite).Database(t), mongo.Schema())
	return mongo.New(db), db
}

// firstOf is the first commit of a stream.
func firstOf(stream ids.ID) mongo.Batch {
	return mongo.Batch{Category: eventlog.Workspace, Stream: stream, Events: []eventlog.Event{event(ids.New(), []byte(`{}`))}}
}

// told asserts of which streams a log tells a reader, and answers the reader's next cursor.
func told(t *testing.T, log *mongo.Log, after eventlog.Cursor, want ...ids.ID) eventlog.Cursor {
	t.Helper()
	heads, to, err := log.Changed(t.Context(), eventlog.Workspace, after, 10)
	var got []ids.ID
	for _, h := range heads {
		got = append(got, h.Stream)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("told of %v, %v; want %v", got, err, want)
	}
	return to
}

func TestACommitThatIsTooLargeForADocumentComesBackWhole(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	stream, last := ids.New(), ids.New()
	var batch []eventlog.Event
	for i := range 19 {
		batch = append(batch, event(ids.New(), fmt.Appendf(nil, `{"n":%d,"text":%q}`, i, bytes.Repeat([]byte{byte('a' + i)}, 1<<20))))
	}
	batch = append(batch, event(last, []byte(`{}`)))
	note := bytes.Repeat([]byte("note"), 1<<18)
	if err := log.Commit(t.Context(), mongo.Batch{Category: eventlog.Workspace, Stream: stream, Events: batch, Note: note}); err != nil {
		t.Fatal(err)
	}
	got, err := log.Read(t.Context(), stream, 0, 100)
	if err != nil || len(got) != len(batch) {
		t.Fatalf("%d events came back, %v", len(got), err)
	}
	for i := range got {
		if got[i].Seq != uint64(i)+1 || got[i].ID != batch[i].ID || got[i].Type != batch[i].Type || !bytes.Equal(got[i].Data, batch[i].Data) {
			t.Errorf("event %d is another", i)
		}
	}
	if got, err = log.ReadEntity(t.Context(), stream, last, 0, 100, 9); err != nil || len(got) != 1 || got[0].Seq != 20 {
		t.Errorf("the last one's history is %v, %v", got, err)
	}
	commits, err := log.Commits(t.Context(), stream, 0, 9)
	if err != nil || len(commits) != 1 || commits[0].First != 1 || commits[0].Last != 20 || !bytes.Equal(commits[0].Note, note) {
		t.Errorf("its commit is not what it was, %v", err)
	}
	again, err := log.Append(t.Context(), eventlog.Workspace, stream, 0, batch[3:5])
	if want := (eventlog.Appended{First: 4, Last: 5, Repeated: true}); err != nil || again != want {
		t.Errorf("appended again, it was answered %+v, %v", again, err)
	}
}

func TestAReservedIDIsTakenEverywhere(t *testing.T) {
	t.Parallel()
	log, db := open(t)
	one, two, id, other := ids.New(), ids.New(), ids.New(), ids.New()
	commit := func(stream ids.ID, head uint64, reserve ...ids.ID) error {
		return log.Commit(t.Context(), mongo.Batch{
			Category: eventlog.Workspace, Stream: stream, Head: head, Reserve: reserve, Events: []eventlog.Event{event(id, []byte(`{}`))},
		})
	}
	before := db.Commands()
	if err := commit(one, 0, id); err != nil {
		t.Fatal(err)
	}
	if n := db.Commands() - before; n != 1 {
		t.Errorf("a commit with a reservation took %d commands", n)
	}
	for _, stream := range []ids.ID{one, two} {
		var reserved *mongo.ReservedError
		if err := commit(stream, 1, other, id); !errors.As(err, &reserved) || reserved.ID != id && stream == two {
			t.Errorf("reserving again was answered %v", err)
		}
		other = ids.New()
	}
	if head, err := log.Head(t.Context(), two); head != 0 || err != nil {
		t.Errorf("the refused commit is there: head %d, %v", head, err)
	}
	owners, err := log.Owners(t.Context(), []ids.ID{id, ids.New()})
	if err != nil || len(owners) != 1 || owners[id] != one {
		t.Errorf("owners are %v, %v", owners, err)
	}
	if err := commit(one, 0); !errors.Is(err, mongo.ErrLost) {
		t.Errorf("a commit behind the head was answered %v", err)
	}
}

// Two logs are two processes: what each tells of changes, with the cursors of
// either, leaves nothing out.
func TestChangesAreToldToOtherProcesses(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnSQLite)
	url := server.Database(t)
	logs := []*mongo.Log{
		mongo.New(mongodbtest.Open(t, url, mongo.Schema())), mongo.New(mongodbtest.Open(t, url, mongo.Schema())),
	}
	var mu sync.Mutex
	var made []ids.ID
	var wg sync.WaitGroup
	for _, log := range logs {
		wg.Go(func() {
			for range 20 {
				stream := ids.New()
				if _, err := log.Append(t.Context(), eventlog.Workspace, stream, 0, []eventlog.Event{event(ids.New(), []byte(`{}`))}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				made = append(made, stream)
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	told := map[ids.ID]bool{}
	var cursor eventlog.Cursor
	for n, last := 0, false; ; n++ {
		heads, to, err := logs[n%2].Changed(t.Context(), eventlog.Workspace, cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		fresh := 0
		for _, h := range heads {
			if !told[h.Stream] {
				fresh++
			}
			told[h.Stream] = true
		}
		if n%2 == 1 || fresh > 0 && len(heads) < 3 {
			cursor = to
		}
		if fresh == 0 && len(heads) < 3 {
			if last {
				break
			}
			select {
			case <-done:
				last = true
			default:
			}
		}
		if n > 2000 {
			break
		}
	}
	<-done
	missing := slices.DeleteFunc(made, func(s ids.ID) bool { return told[s] })
	if len(missing) > 0 {
		t.Errorf("%d streams were never told of", len(missing))
	}
}

// A commit that comes into sight late is told of to who was there already: by
// the same process with the same cursor, by another one, and much later.
func TestALateCommitIsToldOf(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	one, two := mongo.New(mongodbtest.Open(t, url, mongo.Schema())), mongo.New(mongodbtest.Open(t, url, mongo.Schema()))
	first, late, later, old := ids.New(), ids.New(), ids.New(), ids.New()
	if err := one.CommitLate(t.Context(), firstOf(old), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := one.Commit(t.Context(), firstOf(first)); err != nil {
		t.Fatal(err)
	}
	seen := told(t, one, 0, old, first)
	if err := two.CommitLate(t.Context(), firstOf(late), mongodb.Settle/3); err != nil {
		t.Fatal(err)
	}
	next := told(t, one, seen, late)
	told(t, one, next)
	// The other process does not know what was told with that cursor.
	told(t, two, seen, late, first)
	if err := two.CommitLate(t.Context(), firstOf(later), mongodb.Settle/2); err != nil {
		t.Fatal(err)
	}
	told(t, two, next, late, first, later)
	// So does this one, once what it knew is long ago; then everything has settled.
	one.Later(10 * mongodb.Settle)
	settled := told(t, one, next, later, late, first)
	told(t, one, settled)
	told(t, one, 0, old, later, late, first)
}

// One who has been told of everything asks for what is new alone, however long
// ago the last change was; what comes late is told of all the same.
func TestAReaderWithNothingNewCostsOneCommand(t *testing.T) {
	t.Parallel()
	log, db := open(t)
	var cursor eventlog.Cursor
	asked := func(want ...ids.ID) (commands uint64) {
		t.Helper()
		before := db.Commands()
		cursor = told(t, log, cursor, want...)
		return db.Commands() - before
	}
	for range 2 {
		stream := ids.New()
		if err := log.Commit(t.Context(), firstOf(stream)); err != nil {
			t.Fatal(err)
		}
		asked(stream)
	}
	for n := range 10 {
		log.Later(time.Duration(n) * mongodb.Settle / 2)
		if commands := asked(); commands != 1 {
			t.Errorf("%v after the change, %d commands were sent", time.Duration(n)*mongodb.Settle/2, commands)
		}
	}
	log.Later(5 * mongodb.Settle)
	late := ids.New()
	if err := log.CommitLate(t.Context(), firstOf(late), -9*mongodb.Settle/2); err != nil {
		t.Fatal(err)
	}
	if commands := asked(late); commands != 1 {
		t.Errorf("a late change took %d commands", commands)
	}
}
