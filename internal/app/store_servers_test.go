//go:build servers

package app

import (
	"strings"
	"testing"

	"headway/internal/platform/mongodb"
	"headway/test/servers"
)

// TestStoreInitAndCheckOnTheMongoDBProtocol: a new database is told to lack
// everything, init makes it, and a server that cannot spread prints how a cluster does.
func TestStoreInitAndCheckOnTheMongoDBProtocol(t *testing.T) {
	url := servers.FerretDB(t, servers.OnSQLite).Database(t)
	at := func(args ...string) (int, string) {
		return run(append(args, "--store-url", url, "--data", t.TempDir())...)
	}
	code, said := at("store", "check")
	for _, l := range []string{"The eventlog of the database is at version 0", "The collection commits lacks its index w_1_first_1", "The collection auth_sessions lacks its index due_1"} {
		if code != 1 || !strings.Contains(said, l) {
			t.Errorf("of a new database it says %d %q, want %q", code, said, l)
		}
	}
	if code, said := at("store", "init", "--sharded", "--dry-run"); code != 0 || !strings.Contains(said, "is no mongos") {
		t.Errorf("a dry run says %d %q", code, said)
	}
	if code, _ := at("store", "check"); code != 1 {
		t.Error("a dry run made indexes")
	}
	code, said = at("store", "init", "--sharded", "--zone", "eu")
	for _, l := range []string{
		"Collections and indexes are there", "is no mongos, so nothing was spread", `.commits", {w: "hashed"})`,
		`.auth_accounts", {account: "hashed"})`, `.task_members", {u: "hashed"})`, `{family: MinKey()}, {family: MaxKey()}, "eu")`,
	} {
		if code != 0 || !strings.Contains(said, l) {
			t.Errorf("init says %d %q, want %q", code, said, l)
		}
	}
	for _, small := range []string{"auth_signing_keys", "task_meta", "schemas"} {
		if strings.Contains(said, small) {
			t.Errorf("%s is spread: %q", small, said)
		}
	}
	if code, said := at("store", "check"); code != 0 || said != "The store is as this version needs it.\n" {
		t.Errorf("after it the check says %d %q", code, said)
	}
	db, err := mongodb.Open(t.Context(), mongodb.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Collection("task_rows").Indexes().DropOne(t.Context(), "w_1_seq_1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if code, said := at("store", "check"); code != 1 || !strings.Contains(said, "The collection task_rows lacks its index w_1_seq_1") || !strings.Contains(said, "findings: 1") {
		t.Errorf("without an index it says %d %q", code, said)
	}
}
