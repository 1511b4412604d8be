//go:build servers

package faults_test

import (
	"testing"
	"time"

	"headway/test/servers"
)

// TestMoveOnServers is moving from a folder to a database of the MongoDB
// protocol, and from there to another one and into a folder.
func TestMoveOnServers(t *testing.T) {
	// FerretDB takes some hundred events a second; who writes faster is never caught up with.
	const pause = 2 * time.Second
	server := servers.FerretDB(t, servers.OnPostgres)
	t.Run("ToMongoDB", func(t *testing.T) { moving(t, "sqlite:"+t.TempDir(), server.Database(t), pause) })
	t.Run("BetweenDatabases", func(t *testing.T) { moving(t, server.Database(t), server.Database(t), pause) })
	t.Run("ToSQLite", func(t *testing.T) { moving(t, server.Database(t), "sqlite:"+t.TempDir(), pause) })
}
