//go:build servers

package app

import (
	"testing"
	"time"

	"headway/internal/platform/moving"
	"headway/test/servers"
)

// TestMigrateBetweenMongoDBAndSQLite goes round: from a folder to a database,
// to another database, and back into a folder.
func TestMigrateBetweenMongoDBAndSQLite(t *testing.T) {
	server := servers.FerretDB(t, servers.OnPostgres)
	data := t.TempDir()
	first, last := "sqlite:"+t.TempDir(), "sqlite:"+t.TempDir()
	one, two := server.Database(t), server.Database(t)
	list, token := fill(t, data, first, 30)
	moveHouse(t, data, first, one)
	holds(t, data, one, list, token, 30)
	moveHouse(t, data, one, two)
	moveHouse(t, data, two, last)
	holds(t, data, last, list, token, 30)
}

// TestFencedWritesAreRefusedOnMongoDB: by the gate of a process that sees the
// fence, and by the log itself where one does not.
func TestFencedWritesAreRefusedOnMongoDB(t *testing.T) {
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	p := newProcess(t, t.TempDir(), "--store-url", url)
	f := &follower{p: p.platform, log: p.log}
	fencedAndLifted(t, p, func(phase moving.Phase) error {
		if err := p.platform.control.SetMoveState(t.Context(), moving.State{Phase: phase, At: time.Now()}); err != nil {
			return err
		}
		_, err := f.look(t.Context())
		return err
	})
}
