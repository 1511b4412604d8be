// Package mongo is the auth store in a database of the MongoDB protocol,
// beside an event log. It needs no transactions, and no update that is atomic:
// whatever two writers may want at the same time is a document that only one
// of them can insert.
//
//   - Accounts. The log is the truth; a row is the fold of an account's stream
//     up to a seq, and the row with the highest seq counts. A row that lags,
//     since a crash kept it from being written, is found by asking the log for
//     the account's events after it, and made anew.
//   - Registration. The insert of the email's document decides who gets the
//     email, and that document holds all that there is to do. Whoever meets it
//     undone (another attempt, a sign-in, the sweep) does it; each step done
//     twice is done once.
//   - Sessions, and hashes of passwords. Each change is a document with the
//     next version, of which there can be one. A version carries the events
//     that it gives rise to until they are in the log; whoever finds them there
//     appends them first.
//
// Where a write answers an error that is not the port's, the database or the
// log failed underway, and the write may still come to be done, as a whole.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
)

// The collections.
const (
	emails      = "auth_emails"
	accounts    = "auth_accounts"
	credentials = "auth_credentials"
	keys        = "auth_personal_keys"
	sessions    = "auth_sessions"
	signing     = "auth_signing_keys"
)

// Schema is what the store keeps.
func Schema() mongodb.Schema {
	return mongodb.Schema{Owner: "auth", Version: 1, Collections: []mongodb.Collection{
		// _id is the SHA-256 of the normalised email.
		{Name: emails, ShardKey: "_id", Swept: "due", Indexes: []mongodb.Index{{Fields: []string{"due"}}}},
		{Name: accounts, ShardKey: "account", Indexes: []mongodb.Index{{Fields: []string{"account", "folded"}, Unique: true}}},
		{Name: credentials, ShardKey: "account", Indexes: []mongodb.Index{{Fields: []string{"account", "v"}, Unique: true}}},
		// _id is the account.
		{Name: keys, ShardKey: "_id"},
		{Name: sessions, ShardKey: "family", Swept: "due", Indexes: []mongodb.Index{
			{Fields: []string{"family", "v"}, Unique: true},
			{Fields: []string{"due"}},
		}},
		// There are two or three of them.
		{Name: signing, ShardKey: "ring", Small: true, Indexes: []mongodb.Index{{Fields: []string{"ring", "predecessor"}, Unique: true}}},
	}}
}

// Store implements store.Store. It is safe for concurrent use, also by several processes.
type Store struct {
	db  *mongodb.DB
	log eventlog.Log
	// step is called before each write; tests end a process there.
	step func(name string) error
}

var _ store.Store = (*Store)(nil)

// New makes a store on a database in which Schema is ensured.
func New(db *mongodb.DB, log eventlog.Log) *Store {
	return &Store{db: db, log: log, step: func(string) error { return nil }}
}

// finishing is how long what was begun may go on once its caller has left.
const finishing = 20 * time.Second

// detached lets what was begun be finished when the caller leaves.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), finishing)
}

// grace is how long what was begun is left to who began it, before a sweep finishes it.
const grace = time.Minute

func dueForSweep() bson.DateTime { return bson.NewDateTimeFromTime(time.Now().Add(grace)) }

// insert inserts one document and tells whether it is there now; false where
// another has its place. mine looks at what is there, in case the answer to
// the insert got lost.
func (s *Store) insert(ctx context.Context, collection string, document any, mine func(ctx context.Context) (bool, error)) (bool, error) {
	if err := s.step("insert " + collection); err != nil {
		return false, err
	}
	_, err := s.db.Collection(collection).InsertOne(ctx, document)
	if err == nil {
		return true, nil
	}
	if _, duplicate := mongodb.Duplicate(err); duplicate {
		return mine(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing)
	defer cancel()
	if is, lookErr := mine(ctx); lookErr == nil && is {
		return true, nil
	}
	return false, err
}

// put inserts a document that anybody may insert, all with the same content.
func (s *Store) put(ctx context.Context, collection string, document any) error {
	if err := s.step("insert " + collection); err != nil {
		return err
	}
	_, err := s.db.Collection(collection).InsertOne(ctx, document)
	if _, duplicate := mongodb.Duplicate(err); duplicate {
		return nil
	}
	return err
}

// append adds events at the stream's head, once however often it is called with them.
func (s *Store) append(ctx context.Context, stream ids.ID, events []eventlog.Event) (eventlog.Appended, error) {
	head, err := s.log.Head(ctx, stream)
	if err != nil {
		return eventlog.Appended{}, err
	}
	for try := 0; ; try++ {
		if err := s.step("append"); err != nil {
			return eventlog.Appended{}, err
		}
		at, err := s.log.Append(ctx, eventlog.Account, stream, head, events)
		var conflict *eventlog.ConflictError
		if !errors.As(err, &conflict) {
			return at, err
		}
		head = conflict.Head
		if err := pause(ctx, try); err != nil {
			return eventlog.Appended{}, err
		}
	}
}

// pause lets others go first: up to 2 ms after the first lost race, up to 32 ms after many.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(rand.N(2 * time.Millisecond << min(try, 4))) //nolint:gosec // no secret
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// one decodes the first document, ErrNotFound where there is none.
func one(r *driver.SingleResult, v any) error {
	err := r.Decode(v)
	if errors.Is(err, driver.ErrNoDocuments) {
		return store.ErrNotFound
	}
	return err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("auth/store/mongo: %s: %w", what, err)
}

// is is a filter by one field.
func is(key string, value any) bson.D { return bson.D{{Key: key, Value: value}} }

func instant(t time.Time) bson.DateTime { return bson.NewDateTimeFromTime(t) }
