//go:build servers

package redis

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"go.uber.org/goleak"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/auth/store/memory"
	"headway/internal/auth/store/storetest"
	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/redisdb"
	"headway/test/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, servers.RedisLeftovers()...) }

var prefixes atomic.Int64

func connect(t *testing.T, address string) *redisdb.DB {
	t.Helper()
	target, err := redisdb.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	db, err := redisdb.Open(t.Context(), redisdb.Options{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newStore(t *testing.T, under store.Store, address string) *Store {
	t.Helper()
	s, err := New(under, connect(t, address))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	gone := servers.Redis(t)
	gone.Kill()
	for name, address := range map[string]string{
		"alone": servers.Redis(t).URL(), "cluster": servers.Cluster(t).URL(), "away": gone.URL(),
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) (store.Store, eventlog.Log) {
				log := logmemory.New()
				return newStore(t, memory.New(log), fmt.Sprintf("%s?timeout=5s&prefix=test%d", address, prefixes.Add(1))), log
			})
		})
	}
}

// counted is a store that counts its changes of sessions, and can fail after them.
type counted struct {
	store.Store
	calls atomic.Int32
	fail  error
}

func (c *counted) ChangeSession(ctx context.Context, family [32]byte, decide func(state.Session) (state.Session, []eventlog.Event, error)) error {
	c.calls.Add(1)
	if c.fail != nil { // as where the commit fails after the decision
		return c.Store.ChangeSession(ctx, family, func(s state.Session) (state.Session, []eventlog.Event, error) {
			_, _, _ = decide(s)
			return s, nil, c.fail
		})
	}
	return c.Store.ChangeSession(ctx, family, decide)
}

// begin makes a store with a session that is good for an hour.
func begin(t *testing.T) (*counted, state.Session) {
	t.Helper()
	under := &counted{Store: memory.New(logmemory.New())}
	r := storetest.Person(t, 1)
	now := time.Now().UTC().Truncate(time.Millisecond)
	r.Session.StartedAt, r.Session.RotatedAt, r.Session.Expires = now, now, now.Add(time.Hour)
	if err := under.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return under, r.Session
}

func end(t *testing.T, s store.Store, family [32]byte) error {
	t.Helper()
	return s.ChangeSession(t.Context(), family, func(s state.Session) (state.Session, []eventlog.Event, error) {
		if s.Ended.IsZero() {
			s.Ended = time.Now().UTC().Truncate(time.Millisecond)
		}
		return s, nil, nil
	})
}

func look(t *testing.T, s store.Store, family [32]byte) (seen state.Session) {
	t.Helper()
	err := s.ChangeSession(t.Context(), family, func(s state.Session) (state.Session, []eventlog.Event, error) {
		seen = s
		return s, nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestASessionThatIsOverNeedsNoStore, in any process.
func TestASessionThatIsOverNeedsNoStore(t *testing.T) {
	address := servers.Redis(t).URL() + "?timeout=5s"
	under, session := begin(t)
	here, there := newStore(t, under, address), newStore(t, under, address)
	if look(t, there, session.Family) != session || look(t, here, session.Family) != session {
		t.Fatal("the session is not what was registered")
	}
	if err := end(t, here, session.Family); err != nil {
		t.Fatal(err)
	}
	var ended state.Session
	for deadline := time.Now().Add(30 * time.Second); there.Stats().Answered == 0; {
		if ended = look(t, there, session.Family); ended.Ended.IsZero() {
			t.Fatal("a session that was ended is alive elsewhere")
		}
		if time.Now().After(deadline) {
			t.Fatal("the other process never learned it from Redis")
		}
	}
	want := session
	want.Ended = ended.Ended
	before := under.calls.Load()
	for range 10 {
		if got := look(t, there, session.Family); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if n := under.calls.Load() - before; n != 0 {
		t.Errorf("the store was asked %d times about a session that is over", n)
	}
}

// TestOnlyWhatIsOverIsBelieved: entries that call a session alive, whatever
// put them there, decide nothing.
func TestOnlyWhatIsOverIsBelieved(t *testing.T) {
	address := servers.Redis(t).URL() + "?timeout=5s"
	under, session := begin(t)
	s := newStore(t, under, address)
	if err := end(t, under, session.Family); err != nil {
		t.Fatal(err)
	}
	other := session
	other.Ended, other.Family = time.Now(), [32]byte{1, 2, 3}
	for name, value := range map[string][]byte{
		"alive": encode(session), "of another": encode(other), "cut": encode(session)[:100], "nothing": {}, "foreign": []byte("{}"),
	} {
		key := s.db.Key("session", hex.EncodeToString(session.Family[:]))
		err := s.db.Do(t.Context(), key, func(ctx context.Context, c rueidis.Client) error {
			return c.Do(ctx, c.B().Set().Key(key).Value(rueidis.BinaryString(value)).Build()).Error()
		})
		if err != nil {
			t.Fatal(err)
		}
		if look(t, s, session.Family).Ended.IsZero() {
			t.Errorf("%s: a session that was ended is alive", name)
		}
	}
}

// TestAnEndThatWasNotCommittedIsNotTold: the entry comes after the commit.
func TestAnEndThatWasNotCommittedIsNotTold(t *testing.T) {
	address := servers.Redis(t).URL() + "?timeout=5s"
	under, session := begin(t)
	s := newStore(t, under, address)
	under.fail = errors.New("the disk is full")
	if err := end(t, s, session.Family); !errors.Is(err, under.fail) {
		t.Fatal(err)
	}
	under.fail = nil
	if got := look(t, s, session.Family); got != session || s.Stats().Remembered != 0 {
		t.Errorf("%+v, %+v", got, s.Stats())
	}
}

// TestNothingThatEndedLivesWhateverRedisDoes: many processes look at sessions
// that are ended one after the other, while Redis dies, hangs and comes back
// with what it had or without. Once an end has been answered nobody may see
// the session alive, and nobody may wait long.
func TestNothingThatEndedLivesWhateverRedisDoes(t *testing.T) {
	t.Run("alone", func(t *testing.T) { nothingThatEndedLives(t, servers.Redis(t)) })
	t.Run("cluster", func(t *testing.T) { nothingThatEndedLives(t, servers.Cluster(t)) })
}

func nothingThatEndedLives(t *testing.T, server servers.Breakable) {
	log := logmemory.New()
	under := memory.New(log)
	r := storetest.Person(t, 1)
	if err := under.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	const sessions = 60
	families := make([][32]byte, sessions)
	for i := range families {
		session := storetest.Session(r.Account.ID, byte(i+2))
		session.Expires = time.Now().Add(time.Hour).Truncate(time.Millisecond)
		families[i] = session.Family
		if err := under.StartSession(t.Context(), session, nil); err != nil {
			t.Fatal(err)
		}
	}
	stores := make([]*Store, 3)
	for i := range stores {
		stores[i] = newStore(t, under, server.URL()+"?timeout=50ms")
	}
	var over [sessions]atomic.Bool
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for _, s := range stores {
		readers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				n := i % sessions
				was := over[n].Load()
				start := time.Now()
				if got := look(t, s, families[n]); was && got.Ended.IsZero() {
					t.Errorf("session %d was ended and is alive", n)
				}
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("a look took %s", took)
				}
			}
		})
	}
	for n, family := range families {
		switch n {
		case 10:
			server.Kill()
		case 20:
			server.Start(t)
		case 30:
			server.Pause(t)
		case 40:
			server.Resume(t)
		}
		if err := end(t, stores[n%len(stores)], family); err != nil {
			t.Fatal(err)
		}
		over[n].Store(true)
	}
	close(stop)
	readers.Wait()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		before := stores[0].Stats().Answered
		look(t, stores[0], families[sessions-1])
		if stores[0].Stats().Answered > before {
			break // Redis is of use again
		}
		if time.Now().After(deadline) {
			t.Fatal("Redis is back and of no use")
		}
	}
}
