// Package mongodb opens databases that speak the MongoDB protocol: MongoDB as
// a replica set or sharded cluster, Amazon DocumentDB, FerretDB. It keeps to
// what all of them understand; schema.go says which indexes there are, and
// mongodbtest holds commands to them.
package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// Options say which database to open and how.
type Options struct {
	// URL is mongodb://USER:PASSWORD@HOST:PORT,…/DATABASE?options or
	// mongodb+srv://…, as the MongoDB manual has it: TLS (tls=true, tlsCAFile=…),
	// the way of signing in (authMechanism=…) and every limit can be said in it
	// and go before what is set here. Without a database it is "headway".
	URL string
	// AppName shows up in the server's log and profiler; "" is "headway".
	AppName string
	// MaxClockSkew is how far the server's clock may be off; 0 is half of Settle.
	MaxClockSkew time.Duration
	// Monitors see every command.
	Monitors []*event.CommandMonitor
	// Secondaries are URLs of members to read from, for those who copy a
	// database in a way of their own; nil asks the replica set who its members are.
	Secondaries []string
	// RefreshEvery is how often the members are looked after; 0 is ten seconds.
	RefreshEvery time.Duration
}

// Settle is how long after the time in a document's id the document may still
// come into sight: a write that takes its time, and clocks that differ.
const Settle = time.Minute

// The limits of a client, where the URL does not say others.
const (
	operationTimeout = 15 * time.Second
	selectionTimeout = 5 * time.Second
	connectTimeout   = 5 * time.Second
	maxPool          = 64
	minPool          = 2
	maxIdle          = 5 * time.Minute
	// leastPool is how few connections a process can do with: sweeps and looks at
	// its health go on beside what people ask.
	leastPool = 4
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	client   *mongo.Client
	database *mongo.Database
	commands atomic.Uint64
	members  members
	away     atomic.Bool
}

// Open connects and signs in. Errors are sentences that say what to change.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := &DB{}
	opts, name, err := clientOptions(o)
	if err != nil {
		return nil, err
	}
	// Each read says by itself whether a secondary may answer it (Member).
	pref := opts.ReadPreference
	opts.SetReadPreference(readpref.Primary()).SetMonitor(monitorOf(o, db))
	if o.RefreshEvery == 0 {
		o.RefreshEvery = refreshEvery
	}
	opts.SetServerMonitor(&event.ServerMonitor{TopologyDescriptionChanged: db.seen})
	if db.client, err = mongo.Connect(opts); err != nil {
		return nil, badURL(err)
	}
	db.database = db.client.Database(name)
	if o.MaxClockSkew == 0 {
		o.MaxClockSkew = Settle / 2
	}
	if err := db.greet(ctx, opts, o.MaxClockSkew); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.follow(o, pref, opts.Direct != nil && *opts.Direct)
	return db, nil
}

// CheckURL answers what is wrong with a URL. It asks nobody, so of
// mongodb+srv:// it says only what can be seen.
func CheckURL(url string) error {
	if strings.HasPrefix(url, "mongodb+srv://") {
		return nil
	}
	_, _, err := clientOptions(Options{URL: url})
	return err
}

// clientOptions reads the URL and fills in what it leaves open.
func clientOptions(o Options) (*options.ClientOptions, string, error) {
	if !strings.HasPrefix(o.URL, "mongodb://") && !strings.HasPrefix(o.URL, "mongodb+srv://") {
		return nil, "", errors.New("mongodb: the URL must begin with mongodb:// or mongodb+srv://")
	}
	opts := options.Client()
	opts.SetTimeout(operationTimeout).SetServerSelectionTimeout(selectionTimeout).SetConnectTimeout(connectTimeout)
	opts.SetMaxPoolSize(maxPool).SetMinPoolSize(minPool).SetMaxConnIdleTime(maxIdle)
	opts.SetCompressors([]string{"zstd", "snappy", "zlib"}).SetRetryWrites(true).SetRetryReads(true)
	opts.SetAppName("headway")
	opts.ApplyURI(o.URL)
	if err := opts.Validate(); err != nil {
		return nil, "", badURL(err)
	}
	if most := opts.MaxPoolSize; most != nil && *most > 0 && *most < leastPool {
		return nil, "", fmt.Errorf("mongodb: maxPoolSize=%d in the URL is too small; leave it out (%d connections), or give %d at least", *most, maxPool, leastPool)
	}
	if o.AppName != "" {
		opts.SetAppName(o.AppName)
	}
	// What is acknowledged must survive the loss of a server, and what is read
	// of the log must not be taken back by an election.
	opts.SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority())
	return opts, databaseOf(o.URL), nil
}

// databaseOf answers the path of the URL.
func databaseOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if _, name, ok := strings.Cut(rest, "/"); ok && name != "" {
		return name
	}
	return "headway"
}

// greet asks the server who it is.
func (db *DB) greet(ctx context.Context, opts *options.ClientOptions, skew time.Duration) error {
	var hello struct {
		Primary   bool      `bson:"isWritablePrimary"`
		SetName   string    `bson:"setName"`
		LocalTime time.Time `bson:"localTime"`
	}
	before := time.Now()
	err := db.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	if err != nil {
		return unreachable(err, opts)
	}
	after := time.Now()
	if !hello.Primary {
		return fmt.Errorf("mongodb: %s is not the primary of its replica set; leave directConnection out of the URL and add replicaSet=%s", strings.Join(opts.Hosts, ","), hello.SetName)
	}
	off := before.Add(after.Sub(before) / 2).Sub(hello.LocalTime)
	if off.Abs() > skew+after.Sub(before) {
		return fmt.Errorf("mongodb: the clocks of this machine and of the database differ by %s; set both by a time server", off.Abs().Round(time.Second))
	}
	// The first command that needs the rights of the database itself.
	if err := db.database.RunCommand(ctx, bson.D{{Key: "listCollections", Value: 1}, {Key: "nameOnly", Value: true}}).Err(); err != nil {
		return unreachable(err, opts)
	}
	return nil
}

// Ping answers nil where the primary can be reached.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.database.RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err(); err != nil {
		return fmt.Errorf("mongodb: ping: %w", err)
	}
	return nil
}

// Collection answers a collection. Reads of it go to the primary.
func (db *DB) Collection(name string) *mongo.Collection { return db.database.Collection(name) }

// Commands answers how many commands were sent so far.
func (db *DB) Commands() uint64 { return db.commands.Load() }

// Away reports whether, as far as is known, no server takes writes. It asks
// nobody: connections that break tell at once, servers that hang within some seconds.
func (db *DB) Away() bool { return db.away.Load() }

// seen is told which servers there are whenever that changes.
func (db *DB) seen(e *event.TopologyDescriptionChangedEvent) {
	db.away.Store(!slices.ContainsFunc(e.NewDescription.Servers, func(s event.ServerDescription) bool {
		return slices.Contains([]string{"Standalone", "RSPrimary", "Mongos", "LoadBalancer"}, s.Kind)
	}))
}

// Drop removes the database with all that is in it. It is for tests.
func (db *DB) Drop(ctx context.Context) error { return db.database.Drop(ctx) }

// Close ends all connections.
func (db *DB) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	return errors.Join(db.members.close(ctx), db.client.Disconnect(ctx))
}

// monitorOf is what sees the commands of a client.
func monitorOf(o Options, db *DB) *event.CommandMonitor {
	return monitor(append([]*event.CommandMonitor{db.counter()}, o.Monitors...))
}

func (db *DB) counter() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(context.Context, *event.CommandStartedEvent) { db.commands.Add(1) }}
}

// monitor makes one of several.
func monitor(all []*event.CommandMonitor) *event.CommandMonitor {
	return &event.CommandMonitor{
		Started: func(ctx context.Context, e *event.CommandStartedEvent) {
			for _, m := range all {
				if m.Started != nil {
					m.Started(ctx, e)
				}
			}
		},
		Succeeded: func(ctx context.Context, e *event.CommandSucceededEvent) {
			for _, m := range all {
				if m.Succeeded != nil {
					m.Succeeded(ctx, e)
				}
			}
		},
		Failed: func(ctx context.Context, e *event.CommandFailedEvent) {
			for _, m := range all {
				if m.Failed != nil {
					m.Failed(ctx, e)
				}
			}
		},
	}
}
