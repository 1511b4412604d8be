package mongodb

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

func TestTheURLSaysWhoIsReadFrom(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"mongodb://db-1,db-2/?replicaSet=rs0":                                   true,
		"mongodb://db-1,db-2/?replicaSet=rs0&readPreference=secondary":          true,
		"mongodb://db-1,db-2/?replicaSet=rs0&readPreference=secondaryPreferred": true,
		"mongodb://db-1,db-2/?replicaSet=rs0&readPreference=nearest":            true,
		"mongodb://db-1,db-2/?replicaSet=rs0&readPreference=primary":            false,
		"mongodb://db-1,db-2/?replicaSet=rs0&readPreference=primaryPreferred":   false,
	} {
		opts, _, err := clientOptions(Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if got := readsSecondaries(opts.ReadPreference); got != want {
			t.Errorf("%s reads secondaries: %v", url, got)
		}
	}
}

func TestAMemberIsReachedByItself(t *testing.T) {
	t.Parallel()
	db := &DB{}
	opts := memberOptions(Options{URL: "mongodb://user:secret@db-1,db-2/?replicaSet=rs0&tls=true&maxPoolSize=7"}, "db-2:27018", db)
	if len(opts.Hosts) != 1 || opts.Hosts[0] != "db-2:27018" || opts.Direct == nil || !*opts.Direct {
		t.Errorf("hosts %v, direct %v", opts.Hosts, opts.Direct)
	}
	if opts.Auth == nil || opts.Auth.Username != "user" || opts.TLSConfig == nil || *opts.MaxPoolSize != 7 {
		t.Error("who signs in, TLS or the pool are not those of the URL")
	}
	if err := opts.Validate(); err != nil {
		t.Error(err)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	has := map[string]string{"dc": "east", "use": "web"}
	east := bson.D{{Key: "dc", Value: "east"}}
	both := bson.D{{Key: "dc", Value: "east"}, {Key: "use", Value: "reports"}}
	if !tagged(has, nil) || !tagged(has, []bson.D{both, east}) || tagged(has, []bson.D{both}) || tagged(nil, []bson.D{east}) {
		t.Error("the sets of tags are not held to")
	}
	if !readsSecondaries(readpref.Secondary()) {
		t.Error("secondary does not read secondaries")
	}
}
