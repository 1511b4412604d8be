package mongodb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/repeat"
)

// Schema is what a part keeps in the database: its collections with their
// indexes, declared here and nowhere else.
type Schema struct {
	// Owner names the part, such as "eventlog".
	Owner string
	// Version is raised when what the documents look like changes.
	Version     int
	Collections []Collection
}

// Collection is one collection.
type Collection struct {
	Name string
	// ShardKey is the field by which a cluster spreads the collection; every
	// command's filter begins with it, so that it goes to one shard.
	ShardKey string
	// Scattered says that sweeps may ask by _id alone, of all shards.
	Scattered bool
	// Swept is a field, with an index of its own, by which sweeps may ask all shards.
	Swept string
	// Small says that the collection has a few documents only, however much there
	// is else: it is not spread and lies on the database's first shard.
	Small   bool
	Indexes []Index
}

// Index is an index, by its fields; "-" before one is descending.
type Index struct {
	Fields []string
	Unique bool
	// Gathered says that what the index finds may be filtered and sorted by
	// other fields after: for searches, which no index answers in order.
	Gathered bool
}

// Name is the index's name in the database, as the protocol's tools write it.
func (x Index) Name() string {
	parts := make([]string, 0, 2*len(x.Fields))
	for _, f := range x.Fields {
		if name, descending := strings.CutPrefix(f, "-"); descending {
			parts = append(parts, name, "-1")
		} else {
			parts = append(parts, f, "1")
		}
	}
	return strings.Join(parts, "_")
}

// Keys are the fields with their directions.
func (x Index) Keys() bson.D {
	keys := make(bson.D, 0, len(x.Fields))
	for _, f := range x.Fields {
		if name, descending := strings.CutPrefix(f, "-"); descending {
			keys = append(keys, bson.E{Key: name, Value: -1})
		} else {
			keys = append(keys, bson.E{Key: f, Value: 1})
		}
	}
	return keys
}

// schemas is the collection that holds which versions the database is at.
const schemas = "schemas"

// Versions is the collection of the versions, for those who hold commands to the declared indexes.
var Versions = Collection{Name: schemas, ShardKey: "_id", Small: true}

// Ensure makes what is missing of the schemas. It refuses a database that a
// newer version of the program has been at.
func Ensure(ctx context.Context, db *DB, all ...Schema) error {
	for _, s := range all {
		version, err := versionOf(ctx, db, s.Owner)
		if err != nil {
			return err
		}
		if version > s.Version {
			return newer(s, version)
		}
		for _, c := range s.Collections {
			if err := ensureIndexes(ctx, db, c); err != nil {
				return err
			}
		}
		if version == s.Version {
			continue
		}
		// $max, so that of two versions that start at once the newer one stands.
		_, err = db.Collection(schemas).UpdateOne(ctx, bson.D{{Key: "_id", Value: s.Owner}},
			bson.D{{Key: "$max", Value: bson.D{{Key: "version", Value: s.Version}}}}, options.UpdateOne().SetUpsert(true))
		if _, raced := Duplicate(err); err != nil && !raced {
			return fmt.Errorf("mongodb: record the schema of %s: %w", s.Owner, err)
		}
	}
	return nil
}

func ensureIndexes(ctx context.Context, db *DB, c Collection) error {
	if len(c.Indexes) == 0 {
		return nil
	}
	there, err := indexesOf(ctx, db, c.Name)
	if err != nil {
		return err
	}
	var missing []mongo.IndexModel
	var names []string
	for _, x := range c.Indexes {
		if unique, ok := there[x.Name()]; ok && unique == x.Unique {
			continue
		}
		names = append(names, x.Name())
		missing = append(missing, mongo.IndexModel{Keys: x.Keys(), Options: options.Index().SetName(x.Name()).SetUnique(x.Unique)})
	}
	if len(missing) == 0 {
		return nil
	}
	if err := createIndexes(ctx, db, c.Name, missing); denied(err) {
		return fmt.Errorf("mongodb: the collection %s lacks its index %s, which the user may not make; start the program once with an account that may make indexes: %w",
			c.Name, strings.Join(names, ", "), oneLine{err})
	} else if err != nil {
		return fmt.Errorf("mongodb: make the indexes of %s: %w", c.Name, err)
	}
	return nil
}

// createIndexes asks again where the connection ended: the driver does not, and
// a server that loses its primary, or makes indexes for several programs that
// start at once, may end it. What is made already stays as it is.
func createIndexes(ctx context.Context, db *DB, collection string, models []mongo.IndexModel) error {
	const tries = 4
	for n := 1; ; n++ {
		_, err := db.Collection(collection).Indexes().CreateMany(ctx, models)
		if n == tries || !mongo.IsNetworkError(err) || !repeat.Pause(ctx, time.Duration(n)*100*time.Millisecond) {
			return err
		}
	}
}

func newer(s Schema, version int) error { return errors.New("mongodb: " + newerFinding(s, version)) }

// versionOf answers the version that a part of the database is at, 0 before it is there.
func versionOf(ctx context.Context, db *DB, owner string) (int, error) {
	var at struct {
		Version int `bson:"version"`
	}
	err := db.Collection(schemas).FindOne(ctx, bson.D{{Key: "_id", Value: owner}}).Decode(&at)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return 0, fmt.Errorf("mongodb: read the schema's version: %w", err)
	}
	return at.Version, nil
}

// indexesOf answers the names of a collection's indexes and whether each is unique.
func indexesOf(ctx context.Context, db *DB, collection string) (map[string]bool, error) {
	cursor, err := db.Collection(collection).Indexes().List(ctx)
	if err != nil {
		return nil, fmt.Errorf("mongodb: list the indexes of %s: %w", collection, err)
	}
	var list []struct {
		Name   string `bson:"name"`
		Unique bool   `bson:"unique"`
	}
	if err := cursor.All(ctx, &list); err != nil {
		return nil, fmt.Errorf("mongodb: list the indexes of %s: %w", collection, err)
	}
	out := make(map[string]bool, len(list))
	for _, x := range list {
		out[x.Name] = x.Unique
	}
	return out, nil
}
