//go:build servers

package mongodb_test

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/mongodb"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/test/servers"
)

func schema(version int, more ...mongodb.Index) mongodb.Schema {
	return mongodb.Schema{Owner: "test", Version: version, Collections: []mongodb.Collection{{
		Name: "things", ShardKey: "w", Indexes: append([]mongodb.Index{{Fields: []string{"w", "n"}, Unique: true}}, more...),
	}}}
}

func TestASchemaIsMadeAndChecked(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnSQLite)
	old, later := schema(1), schema(2, mongodb.Index{Fields: []string{"w", "-at"}})
	db := mongodbtest.Open(t, server.Database(t), old)
	want := func(err error, sentence string) {
		t.Helper()
		if sentence == "" && err != nil || sentence != "" && (err == nil || !strings.Contains(err.Error(), sentence)) {
			t.Errorf("answered %v, want %q", err, sentence)
		}
	}
	want(mongodb.Check(t.Context(), db, old), "")
	want(mongodb.Check(t.Context(), db, later), "is at version 1 and this program needs 2")
	want(mongodb.Ensure(t.Context(), db, later), "")
	want(mongodb.Ensure(t.Context(), db, later), "")
	want(mongodb.Check(t.Context(), db, later), "")
	want(mongodb.Check(t.Context(), db, old), "is at version 2 and this program knows 1")
	want(mongodb.Ensure(t.Context(), db, old), "start the newer program")
	want(mongodb.Check(t.Context(), db, schema(2, mongodb.Index{Fields: []string{"w", "other"}})), "lacks its index w_1_other_1")

	things := db.Collection("things")
	_, err := things.InsertMany(t.Context(), []any{
		bson.D{{Key: "w", Value: 1}, {Key: "n", Value: 1}}, bson.D{{Key: "w", Value: 1}, {Key: "n", Value: 2}}, bson.D{{Key: "w", Value: 1}, {Key: "n", Value: 1}},
	})
	if place, duplicate := mongodb.Duplicate(err); place != 2 || !duplicate {
		t.Errorf("a broken index is at %d, %v: %v", place, duplicate, err)
	}
}

func TestAClockThatIsOffIsRefused(t *testing.T) {
	t.Parallel()
	url := servers.FerretDB(t, servers.OnSQLite).Database(t)
	_, err := mongodb.Open(t.Context(), mongodb.Options{URL: url, MaxClockSkew: -time.Hour})
	if err == nil || !strings.Contains(err.Error(), "clocks") {
		t.Errorf("answered %v", err)
	}
	db, err := mongodb.Open(t.Context(), mongodb.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	before := db.Commands()
	if err := db.Ping(t.Context()); err != nil || db.Commands() != before+1 {
		t.Errorf("a ping took %d commands, %v", db.Commands()-before, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestAWrongUserIsRefusedByName(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnSQLite)
	url := strings.Replace(server.Database(t), "mongodb://", "mongodb://ann:secret@", 1) + "&authMechanism=SCRAM-SHA-256"
	_, err := mongodb.Open(t.Context(), mongodb.Options{URL: url})
	if err == nil || !strings.Contains(err.Error(), `refuses the user "ann"`) || strings.Contains(err.Error(), "secret") {
		t.Errorf("answered %v", err)
	}
}
