package mongodb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"headway/internal/platform/repeat"
)

// The limits of the connections to one member, where the primary answers
// instead of it, so that waiting for it is not worth much.
const (
	memberTimeout   = 3 * time.Second
	memberSelection = time.Second
	// refreshEvery is how often the replica set is asked who belongs to it, and
	// so how long a member that failed is left alone.
	refreshEvery = 10 * time.Second
)

// Member is a secondary of the replica set, reached by connections of its own:
// two reads of a client may go to two members, of which one may be behind the
// other, but two reads of a Member go to the same. What it has once answered
// it does not take back.
type Member struct {
	// Host is its address, HOST:PORT.
	Host     string
	client   *mongo.Client
	database *mongo.Database
	up       atomic.Bool
	reads    *atomic.Uint64
}

// Collection answers a collection as the member has it.
func (m *Member) Collection(name string) *mongo.Collection {
	m.reads.Add(1)
	return m.database.Collection(name)
}

// Failed says that the member did not answer. It is left alone for a while.
func (m *Member) Failed() { m.up.Store(false) }

// members are the secondaries that may be read from.
type members struct {
	list  atomic.Pointer[[]*Member]
	reads atomic.Uint64
	// open answers the options of a connection to one member.
	open func(host string) *options.ClientOptions
	name string
	// fixed are the members where the replica set is not asked.
	fixed []string
	tags  []bson.D
	end   context.CancelFunc
	done  sync.WaitGroup
}

// Member answers the secondary that reads with a key should go to, the same
// one for the same key as long as the set stays as it is, or nil where only
// the primary can be read from.
func (db *DB) Member(key [16]byte) *Member {
	list := db.members.list.Load()
	if list == nil || len(*list) == 0 {
		return nil
	}
	n := len(*list)
	at := int(key[14])<<8 | int(key[15]) // the random end of an id
	for i := range n {
		if m := (*list)[(at+i)%n]; m.up.Load() {
			return m
		}
	}
	return nil
}

// Members answers how many secondaries are read from now.
func (db *DB) Members() (up int) {
	list := db.members.list.Load()
	if list == nil {
		return 0
	}
	for _, m := range *list {
		if m.up.Load() {
			up++
		}
	}
	return up
}

// MemberReads answers how many reads went to secondaries.
func (db *DB) MemberReads() uint64 { return db.members.reads.Load() }

// readsSecondaries reports whether a URL wants secondaries to be read from:
// unless it says primary or primaryPreferred, it does.
func readsSecondaries(pref *readpref.ReadPref) bool {
	return pref == nil || pref.Mode() != readpref.PrimaryMode && pref.Mode() != readpref.PrimaryPreferredMode
}

// follow looks for secondaries until the database is closed. A URL that asks
// for a direct connection is about that server alone.
func (db *DB) follow(o Options, pref *readpref.ReadPref, direct bool) {
	if !readsSecondaries(pref) || direct && o.Secondaries == nil {
		return
	}
	ms := &db.members
	ms.name, ms.fixed = db.database.Name(), o.Secondaries
	if pref != nil {
		for _, set := range pref.TagSets() {
			want := bson.D{}
			for _, t := range set {
				want = append(want, bson.E{Key: t.Name, Value: t.Value})
			}
			ms.tags = append(ms.tags, want)
		}
	}
	ms.open = func(host string) *options.ClientOptions { return memberOptions(o, host, db) }
	ctx, cancel := context.WithCancel(context.Background())
	ms.end = cancel
	ms.done.Go(func() { repeat.Every(ctx, o.RefreshEvery, db.refresh) })
}

// memberOptions are the options of the connections to one member.
func memberOptions(o Options, host string, db *DB) *options.ClientOptions {
	if strings.Contains(host, "://") {
		o.URL, host = host, ""
	}
	opts, _, err := clientOptions(o)
	if err != nil {
		return nil
	}
	if host != "" {
		opts.SetHosts([]string{host})
	}
	opts.SetDirect(true)
	opts.SetTimeout(memberTimeout).SetServerSelectionTimeout(memberSelection).SetConnectTimeout(memberSelection)
	opts.SetRetryReads(false).SetMonitor(monitorOf(o, db))
	return opts
}

// refresh asks the replica set for its members, and each of them whether it
// is a secondary that is up.
func (db *DB) refresh(ctx context.Context) {
	ms := &db.members
	hosts := ms.fixed
	if hosts == nil {
		var err error
		if hosts, err = db.hosts(ctx); err != nil {
			return // with no primary to ask, those that are known stay
		}
	}
	var was []*Member
	if list := ms.list.Load(); list != nil {
		was = *list
	}
	var now []*Member
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, host := range hosts {
		all.Go(func() {
			m := member(was, host)
			if m == nil {
				if m = ms.connect(host); m == nil {
					return
				}
			}
			m.up.Store(m.greets(ctx, ms))
			mu.Lock()
			now = append(now, m)
			mu.Unlock()
		})
	}
	all.Wait()
	// In the order of their names, so that every process picks alike.
	slices.SortFunc(now, func(a, b *Member) int { return strings.Compare(a.Host, b.Host) })
	ms.list.Store(&now)
	for _, m := range was {
		if member(now, m.Host) == nil {
			// Reads under way fail, and are asked of the primary.
			_ = m.client.Disconnect(ctx)
		}
	}
}

func member(list []*Member, host string) *Member {
	for _, m := range list {
		if m.Host == host {
			return m
		}
	}
	return nil
}

// hosts answers the members of the replica set but for the primary.
func (db *DB) hosts(ctx context.Context) ([]string, error) {
	var hello struct {
		Hosts    []string `bson:"hosts"`
		Passives []string `bson:"passives"`
		Primary  string   `bson:"primary"`
	}
	ctx, cancel := context.WithTimeout(ctx, memberTimeout)
	defer cancel()
	err := db.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(hello.Hosts, hello.Passives)
	return slices.DeleteFunc(all, func(h string) bool { return h == hello.Primary }), nil
}

// connect makes the connections to a member, nil where its address is none.
func (ms *members) connect(host string) *Member {
	opts := ms.open(host)
	if opts == nil {
		return nil
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil
	}
	name := ms.name
	if strings.Contains(host, "://") {
		name = databaseOf(host)
	}
	return &Member{Host: host, client: client, database: client.Database(name), reads: &ms.reads}
}

// greets reports whether the member answers as a secondary with wanted tags.
func (m *Member) greets(ctx context.Context, ms *members) bool {
	var hello struct {
		Secondary bool              `bson:"secondary"`
		Primary   bool              `bson:"isWritablePrimary"`
		Tags      map[string]string `bson:"tags"`
	}
	ctx, cancel := context.WithTimeout(ctx, memberSelection)
	defer cancel()
	if err := m.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return false
	}
	return (hello.Secondary || hello.Primary && ms.fixed != nil) && tagged(hello.Tags, ms.tags)
}

// tagged reports whether tags match one of the sets; no sets at all match everything.
func tagged(tags map[string]string, sets []bson.D) bool {
	if len(sets) == 0 {
		return true
	}
	for _, set := range sets {
		all := true
		for _, want := range set {
			if tags[want.Key] != want.Value {
				all = false
			}
		}
		if all {
			return true
		}
	}
	return false
}

// close ends the connections to all members.
func (ms *members) close(ctx context.Context) error {
	if ms.end == nil {
		return nil
	}
	ms.end()
	ms.done.Wait()
	var errs []error
	if list := ms.list.Load(); list != nil {
		for _, m := range *list {
			errs = append(errs, m.client.Disconnect(ctx))
		}
	}
	return errors.Join(errs...)
}
