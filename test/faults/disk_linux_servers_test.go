//go:build servers && linux

package faults_test

import (
	"testing"

	"headway/test/servers"
)

// TestStoresDiskIsFull fills the disk of the database while clients write. What
// the database says then is SQLite's word, passed on.
func TestStoresDiskIsFull(t *testing.T) {
	build(t) // needs more room
	disk := smallDisk(t)
	t.Setenv("TMPDIR", disk.Folder)
	database := servers.FerretDB(t, servers.OnSQLite)
	filling(t, newServer(t, "HEADWAY_STORE_URL="+servers.MongoURL(database.Addr, "faults")), disk)
}
