//go:build servers

package mongodb_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

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
	check := func(s mongodb.Schema, sentences ...string) {
		t.Helper()
		findings, err := mongodb.Check(t.Context(), db, s)
		if err != nil || len(findings) != len(sentences) {
			t.Fatalf("found %q, %v, want %q", findings, err, sentences)
		}
		for i, f := range findings {
			if !strings.Contains(f, sentences[i]) {
				t.Errorf("found %q, want %q", f, sentences[i])
			}
		}
	}
	check(old)
	check(later, "is at version 1 and this program needs 2", "lacks its index w_1_at_-1")
	want(mongodb.Ensure(t.Context(), db, later), "")
	want(mongodb.Ensure(t.Context(), db, later), "")
	check(later)
	check(old, "is at version 2 and this program knows 1")
	want(mongodb.Ensure(t.Context(), db, old), "start the newer program")
	check(schema(2, mongodb.Index{Fields: []string{"w", "other"}}, mongodb.Index{Fields: []string{"w", "-at"}, Unique: true}),
		"lacks its index w_1_other_1", "w_1_at_-1 of the collection things has unique false and needs true")
	if router, err := db.Router(t.Context()); router || err != nil {
		t.Errorf("a single server is a router: %v, %v", router, err)
	}

	things := db.Collection("things")
	_, err := things.InsertMany(t.Context(), []any{
		bson.D{{Key: "w", Value: 1}, {Key: "n", Value: 1}}, bson.D{{Key: "w", Value: 1}, {Key: "n", Value: 2}}, bson.D{{Key: "w", Value: 1}, {Key: "n", Value: 1}},
	})
	if place, duplicate := mongodb.Duplicate(err); place != 2 || !duplicate {
		t.Errorf("a broken index is at %d, %v: %v", place, duplicate, err)
	}
}

func TestIndexesAreMadeThoughTheConnectionEnds(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnSQLite)
	proxy := servers.NewProxy(t, server.Addr)
	asked := 0
	db := mongodbtest.OpenWith(t, mongodb.Options{
		URL: strings.Replace(server.Database(t), server.Addr, proxy.Addr, 1),
		Monitors: []*event.CommandMonitor{{
			Started: func(_ context.Context, e *event.CommandStartedEvent) {
				if e.CommandName != "createIndexes" {
					return
				}
				if asked++; asked == 1 {
					proxy.Cut()
				}
			},
			Failed: func(context.Context, *event.CommandFailedEvent) { proxy.Mend(t) },
		}},
	}, schema(1))
	if findings, err := mongodb.Check(t.Context(), db, schema(1)); err != nil || len(findings) > 0 || asked != 2 {
		t.Errorf("found %q, %v after asking %d times, want nothing after 2", findings, err, asked)
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
