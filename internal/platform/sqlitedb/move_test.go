package sqlitedb_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/platform/moving"
	"headway/internal/platform/sqlitedb"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
)

// TestAGuestReadsWhatIsCommittedAndFencesTheWriter: a guest sees each commit,
// writes nothing itself, and the writer refuses all from the moment on that
// the guest has set the fence until it is lifted.
func TestAGuestReadsWhatIsCommittedAndFencesTheWriter(t *testing.T) {
	t.Parallel()
	opts := sqlitedb.Options{Folder: t.TempDir(), Migrations: []sqlitedb.Migrations{notes}}
	db := sqlitedbtest.OpenWith(t, opts)
	guest, err := sqlitedb.OpenGuest(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := guest.Close(); err != nil {
			t.Error(err)
		}
	}()
	for n, text := range []string{"first", "second"} {
		if err := db.Write(t.Context(), insert(n+1, text)); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, guest); len(got) != n+1 || got[n] != text {
			t.Errorf("the guest reads %q", got)
		}
	}
	if err := guest.Write(t.Context(), insert(3, "by the guest")); !errors.Is(err, sqlitedb.ErrGuest) {
		t.Errorf("a write of the guest is answered %v", err)
	}
	want := moving.State{Move: ids.New(), Phase: moving.Fenced, Peer: "mongodb://elsewhere/headway", At: time.UnixMilli(1_700_000_000_000).UTC()}
	if err := guest.SetMoveState(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := db.MoveState(t.Context()); err != nil || got != want {
		t.Errorf("the state is %+v, %v", got, err)
	}
	if err := db.Write(t.Context(), insert(3, "behind the fence")); !apperr.Is(err, apperr.Unavailable) {
		t.Errorf("a write behind the fence is answered %v", err)
	}
	want.Phase = moving.None
	if err := guest.SetMoveState(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert(3, "after it")); err != nil {
		t.Errorf("after the fence a write is answered %v", err)
	}
	if got := texts(t, guest); !slices.Equal(got, []string{"first", "second", "after it"}) {
		t.Errorf("the guest reads %q", got)
	}
}

func TestAGuestOfAnotherSchemaIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	sqlitedbtest.OpenWith(t, sqlitedb.Options{Folder: folder})
	if _, err := sqlitedb.OpenGuest(t.Context(), sqlitedb.Options{Folder: folder, Migrations: []sqlitedb.Migrations{notes}}); err == nil {
		t.Error("it was opened")
	}
}
