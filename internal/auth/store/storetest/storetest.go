// Package storetest holds the conformance suite of the auth store: every
// adapter runs it, and what it asserts is what callers may rely on.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// Open answers an empty store that goes with its test, and the log that it appends to.
type Open func(t *testing.T) (store.Store, eventlog.Log)

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, store.Store, eventlog.Log){
		"RegistersAnAccount":          registersAnAccount,
		"GivesAnEmailToOne":           givesAnEmailToOne,
		"ChangesAnAccount":            changesAnAccount,
		"NamesThoseThereAre":          namesThoseThereAre,
		"ReplacesAHashOnce":           replacesAHashOnce,
		"KeepsSessions":               keepsSessions,
		"ChangesASessionOneAtATime":   changesASessionOneAtATime,
		"SweepsExpiredSessions":       sweepsExpiredSessions,
		"GivesAKeyOneSuccessor":       givesAKeyOneSuccessor,
		"ConcurrentSignInsLeaveNoGap": concurrentSignInsLeaveNoGap,
		"AccountsAreWhatTheyFoldTo":   accountsAreWhatTheyFoldTo,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, log := open(t)
			test(t, s, log)
		})
	}
	t.Run("CopiesAccountsWhole", func(t *testing.T) {
		t.Parallel()
		copiesAccountsWhole(t, open)
	})
}

var at = time.Date(2026, 3, 1, 9, 30, 0, 123e6, time.UTC)

var errRefused = errors.New("refused by the decision")

func happened(entity ids.ID) eventlog.Event {
	return eventlog.Event{ID: ids.New(), Entity: entity, Type: "test.happened", Version: 1, At: at, Data: []byte(`{}`)}
}

func session(account ids.ID, n byte) state.Session {
	return state.Session{
		ID: ids.New(), Account: account, Family: [32]byte{n, 1}, Current: [32]byte{n, 2}, Previous: [32]byte{n, 3}, Salt: [32]byte{n, 4},
		StartedAt: at, RotatedAt: at.Add(time.Minute), Expires: at.Add(time.Hour),
	}
}

func registration(n int) store.Registration {
	id := ids.New()
	return store.Registration{
		Account: state.Account{ID: id, Email: fmt.Sprintf("p%d@example.com", n), Name: fmt.Sprintf("Person %d", n), CreatedAt: at, Seq: 1},
		Hash:    fmt.Sprintf("hash %d", n), Key: seal.NewKey(), Session: session(id, byte(n)), // #nosec G115 -- small
		Events: []eventlog.Event{happened(id), happened(id)},
	}
}

func register(t *testing.T, s store.Store, n int) store.Registration {
	t.Helper()
	r := registration(n)
	if err := s.Register(t.Context(), r); err != nil {
		t.Fatalf("register: %v", err)
	}
	return r
}

func head(t *testing.T, log eventlog.Log, stream ids.ID) uint64 {
	t.Helper()
	n, err := log.Head(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func read(t *testing.T, s store.Store, family [32]byte) state.Session {
	t.Helper()
	var got state.Session
	err := s.ChangeSession(t.Context(), family, func(s state.Session) (state.Session, []eventlog.Event, error) {
		got = s
		return s, nil, nil
	})
	if err != nil {
		t.Fatalf("session: %v", err)
	}
	return got
}

func registersAnAccount(t *testing.T, s store.Store, log eventlog.Log) {
	if _, err := s.Account(t.Context(), ids.New()); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("account of nobody: %v", err)
	}
	if _, _, err := s.Credentials(t.Context(), "p1@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("credentials of nobody: %v", err)
	}
	if _, err := s.PersonalKey(t.Context(), ids.New()); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("key of nobody: %v", err)
	}
	r := register(t, s, 1)
	if a, err := s.Account(t.Context(), r.Account.ID); err != nil || a != r.Account {
		t.Errorf("account: %+v, %v; want %+v", a, err, r.Account)
	}
	if a, hash, err := s.Credentials(t.Context(), r.Account.Email); err != nil || a != r.Account || hash != r.Hash {
		t.Errorf("credentials: %+v, %q, %v", a, hash, err)
	}
	if key, err := s.PersonalKey(t.Context(), r.Account.ID); err != nil || !bytes.Equal(key, r.Key) {
		t.Errorf("personal key: %v", err)
	}
	if got := read(t, s, r.Session.Family); got != r.Session {
		t.Errorf("session: %+v, want %+v", got, r.Session)
	}
	if n := head(t, log, r.Account.ID); n != 2 {
		t.Errorf("the stream has %d events, want 2", n)
	}
	if streams, _, err := log.Changed(t.Context(), eventlog.Account, 0, 10); err != nil || len(streams) != 1 {
		t.Errorf("streams of accounts: %v, %v", streams, err)
	}
}

func givesAnEmailToOne(t *testing.T, s store.Store, log eventlog.Log) {
	const rivals = 8
	var wg sync.WaitGroup
	errs := make([]error, rivals)
	regs := make([]store.Registration, rivals)
	for i := range rivals {
		regs[i] = registration(i)
		regs[i].Account.Email = "same@example.com"
		wg.Go(func() { errs[i] = s.Register(t.Context(), regs[i]) })
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, store.ErrEmailTaken):
			t.Errorf("register: %v", err)
		default:
			if n := head(t, log, regs[i].Account.ID); n != 0 {
				t.Errorf("a refused registration left %d events", n)
			}
			if _, err := s.Account(t.Context(), regs[i].Account.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a refused registration left an account: %v", err)
			}
		}
	}
	if won != 1 {
		t.Fatalf("%d of %d got the email, want 1", won, rivals)
	}
}

func changesAnAccount(t *testing.T, s store.Store, log eventlog.Log) {
	r := register(t, s, 1)
	rename := func(name string, events []eventlog.Event, err error) (state.Account, error) {
		return s.ChangeAccount(t.Context(), r.Account.ID, func(a state.Account) (state.Account, []eventlog.Event, error) {
			a.Name = name
			return a, events, err
		})
	}
	want := r.Account
	want.Name, want.Seq = "Other", 3
	if a, err := rename("Other", []eventlog.Event{happened(r.Account.ID)}, nil); err != nil || a != want {
		t.Fatalf("change: %+v, %v; want %+v", a, err, want)
	}
	if a, err := rename("Third", nil, nil); err != nil || a != want {
		t.Fatalf("a change without events: %+v, %v; want %+v", a, err, want)
	}
	if _, err := rename("Fourth", []eventlog.Event{happened(r.Account.ID)}, errRefused); !errors.Is(err, errRefused) {
		t.Fatalf("a refused change: %v", err)
	}
	if a, err := s.Account(t.Context(), r.Account.ID); err != nil || a != want {
		t.Fatalf("account: %+v, %v; want %+v", a, err, want)
	}
	if n := head(t, log, r.Account.ID); n != 3 {
		t.Fatalf("the stream has %d events, want 3", n)
	}
	_, err := s.ChangeAccount(t.Context(), ids.New(), func(a state.Account) (state.Account, []eventlog.Event, error) { return a, nil, nil })
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("change of nobody: %v", err)
	}
}

func namesThoseThereAre(t *testing.T, s store.Store, _ eventlog.Log) {
	a, b := register(t, s, 1), register(t, s, 2)
	got, err := s.Names(t.Context(), []ids.ID{b.Account.ID, ids.New(), a.Account.ID, b.Account.ID})
	want := []store.Name{
		{ID: b.Account.ID, Name: "Person 2", Email: b.Account.Email}, {ID: a.Account.ID, Name: "Person 1", Email: a.Account.Email},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("names: %v, %v; want %v", got, err, want)
	}
	if got, err := s.Names(t.Context(), nil); err != nil || len(got) != 0 {
		t.Fatalf("names of none: %v, %v", got, err)
	}
}

func replacesAHashOnce(t *testing.T, s store.Store, _ eventlog.Log) {
	r := register(t, s, 1)
	for _, step := range []struct{ old, hash, want string }{
		{"hash 1", "stronger", "stronger"},
		{"hash 1", "late", "stronger"},
	} {
		if err := s.ReplaceHash(t.Context(), r.Account.ID, step.old, step.hash); err != nil {
			t.Fatal(err)
		}
		if _, hash, err := s.Credentials(t.Context(), r.Account.Email); err != nil || hash != step.want {
			t.Fatalf("hash %q, %v; want %q", hash, err, step.want)
		}
	}
}

func keepsSessions(t *testing.T, s store.Store, log eventlog.Log) {
	r := register(t, s, 1)
	second := session(r.Account.ID, 2)
	second.Previous = [32]byte{}
	if err := s.StartSession(t.Context(), second, []eventlog.Event{happened(second.ID)}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, s, second.Family); got != second {
		t.Fatalf("session: %+v, want %+v", got, second)
	}
	want := second
	want.Current, want.Previous, want.Salt = [32]byte{9}, second.Current, [32]byte{8}
	want.RotatedAt, want.Ended = at.Add(2*time.Minute), at.Add(3*time.Minute)
	err := s.ChangeSession(t.Context(), second.Family, func(state.Session) (state.Session, []eventlog.Event, error) {
		return want, []eventlog.Event{happened(second.ID)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.ChangeSession(t.Context(), second.Family, func(s state.Session) (state.Session, []eventlog.Event, error) {
		s.Current = [32]byte{7}
		return s, []eventlog.Event{happened(second.ID)}, errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Fatalf("a refused change: %v", err)
	}
	if got := read(t, s, second.Family); got != want {
		t.Fatalf("session: %+v, want %+v", got, want)
	}
	if got := read(t, s, r.Session.Family); got != r.Session {
		t.Fatalf("the other session: %+v, want %+v", got, r.Session)
	}
	if n := head(t, log, r.Account.ID); n != 4 {
		t.Fatalf("the stream has %d events, want 4", n)
	}
	err = s.ChangeSession(t.Context(), [32]byte{77}, func(s state.Session) (state.Session, []eventlog.Event, error) { return s, nil, nil })
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("change of no session: %v", err)
	}
	if err := s.StartSession(t.Context(), session(ids.New(), 3), nil); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("session of nobody: %v", err)
	}
}

func changesASessionOneAtATime(t *testing.T, s store.Store, _ eventlog.Log) {
	r := register(t, s, 1)
	const callers = 32
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			err := s.ChangeSession(t.Context(), r.Session.Family, func(s state.Session) (state.Session, []eventlog.Event, error) {
				s.Salt[31]++
				return s, nil, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := read(t, s, r.Session.Family).Salt[31]; got != callers {
		t.Fatalf("%d of %d changes are there", got, callers)
	}
}

func sweepsExpiredSessions(t *testing.T, s store.Store, _ eventlog.Log) {
	r := register(t, s, 1)
	for i := range 5 {
		old := session(r.Account.ID, byte(10+i)) // #nosec G115 -- small
		old.Expires = at.Add(-time.Hour)
		if err := s.StartSession(t.Context(), old, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{3, 2, 0} {
		if n, err := s.SweepSessions(t.Context(), at, 3); err != nil || n != want {
			t.Fatalf("swept %d, %v; want %d", n, err, want)
		}
	}
	if got := read(t, s, r.Session.Family); got != r.Session {
		t.Fatal("the sweep took a session that is good")
	}
}

func givesAKeyOneSuccessor(t *testing.T, s store.Store, _ eventlog.Log) {
	if keys, err := s.SigningKeys(t.Context()); err != nil || len(keys) != 0 {
		t.Fatalf("keys of an empty store: %v, %v", keys, err)
	}
	key := func(id, predecessor string, n time.Duration) store.SigningKey {
		return store.SigningKey{
			ID: id, Predecessor: predecessor, Seed: bytes.Repeat([]byte{byte(n)}, 32), CreatedAt: at, // #nosec G115 -- small
			ActiveAt: at.Add(n * time.Hour), RetiresAt: at.Add((n + 1) * time.Hour), ExpiresAt: at.Add((n + 2) * time.Hour),
		}
	}
	first, second, rival := key("b", "", 1), key("a", "b", 2), key("c", "b", 2)
	for _, step := range []struct {
		key  store.SigningKey
		want error
	}{{first, nil}, {second, nil}, {rival, store.ErrKeyTaken}, {key("d", "", 1), store.ErrKeyTaken}} {
		if err := s.AddSigningKey(t.Context(), step.key); !errors.Is(err, step.want) {
			t.Fatalf("add %v: %v, want %v", step.key, err, step.want)
		}
	}
	if keys, err := s.SigningKeys(t.Context()); err != nil || !reflect.DeepEqual(keys, []store.SigningKey{first, second}) {
		t.Fatalf("keys: %v, %v", keys, err)
	}
	if err := s.DropSigningKeys(t.Context(), first.ExpiresAt.Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if keys, err := s.SigningKeys(t.Context()); err != nil || !reflect.DeepEqual(keys, []store.SigningKey{second}) {
		t.Fatalf("keys after the first expired: %v, %v", keys, err)
	}
}

func concurrentSignInsLeaveNoGap(t *testing.T, s store.Store, log eventlog.Log) {
	r := register(t, s, 1)
	const n = 20
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			next := session(r.Account.ID, byte(100+i)) // #nosec G115 -- small
			if err := s.StartSession(t.Context(), next, []eventlog.Event{happened(next.ID)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	events, err := log.Read(t.Context(), r.Account.ID, 0, 100)
	if err != nil || len(events) != n+2 {
		t.Fatalf("%d events, %v; want %d", len(events), err, n+2)
	}
	for i, e := range events {
		if e.Seq != uint64(i)+1 { // #nosec G115 -- an index
			t.Fatalf("event %d has seq %d", i, e.Seq)
		}
	}
}
