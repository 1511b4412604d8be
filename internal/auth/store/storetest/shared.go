package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"headway/internal/auth/event"
	"headway/internal/auth/seal"
	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// sealed makes an event as the service records it. The payload's sealed part
// holds secret.
func sealed(t testing.TB, account, entity ids.ID, key seal.Key, kind event.Type, secret any) eventlog.Event {
	t.Helper()
	e := eventlog.Event{ID: ids.New(), Stream: account, Entity: entity, Type: string(kind), Version: event.Version, Actor: account, At: at}
	personal, err := seal.Seal(key, event.Place(account, e.ID, kind), secret)
	if err != nil {
		t.Fatal(err)
	}
	payload := map[event.Type]event.Payload{
		event.AccountRegistered: &event.Registered{Personal: personal},
		event.NameChanged:       &event.Renamed{Personal: personal},
		event.SessionStarted:    &event.Started{Method: "password", Expires: at, Personal: personal},
	}[kind]
	if e.Data, err = event.Encode(payload); err != nil {
		t.Fatal(err)
	}
	return e
}

// Person answers the registration of somebody new, with the events that the service records.
func Person(t testing.TB, n int) store.Registration {
	t.Helper()
	r := registration(n)
	a := r.Account
	r.Events = []eventlog.Event{
		sealed(t, a.ID, a.ID, r.Key, event.AccountRegistered, event.Person{Email: a.Email, Name: a.Name}),
		SignIn(t, r, r.Session),
	}
	return r
}

// SignIn answers the event of a session that starts.
func SignIn(t testing.TB, r store.Registration, session state.Session) eventlog.Event {
	t.Helper()
	return sealed(t, r.Account.ID, session.ID, r.Key, event.SessionStarted, event.Client{Address: "192.0.2.1"})
}

// Session answers another session of an account.
func Session(account ids.ID, n byte) state.Session { return session(account, n) }

// Rename gives the account another name, made of the one that it has.
func Rename(t testing.TB, s store.Store, r store.Registration, next func(was string) string) (state.Account, error) {
	t.Helper()
	return s.ChangeAccount(t.Context(), r.Account.ID, func(a state.Account) (state.Account, []eventlog.Event, error) {
		change := event.NameChange{From: a.Name, To: next(a.Name)}
		a.Name = change.To
		return a, []eventlog.Event{sealed(t, a.ID, a.ID, r.Key, event.NameChanged, change)}, nil
	})
}

// CheckFold fails the test where an account is not what its stream folds to.
func CheckFold(t testing.TB, s store.Store, log eventlog.Log, id ids.ID) {
	t.Helper()
	key, err := s.PersonalKey(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	events, err := log.Read(t.Context(), id, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var folded state.Account
	for i := range events {
		if folded, err = state.Fold(folded, events[i], key); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := s.Account(t.Context(), id); err != nil || a != folded {
		t.Errorf("the account is %+v, %v; its stream folds to %+v", a, err, folded)
	}
}

func accountsAreWhatTheyFoldTo(t *testing.T, s store.Store, log eventlog.Log) {
	r := Person(t, 1)
	if err := s.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	CheckFold(t, s, log, r.Account.ID)
	changesAtOnce(t, r, log, s)
}

// changesAtOnce renames and signs in at the same time, through several stores
// on the same data; no change may be lost.
func changesAtOnce(t *testing.T, r store.Registration, log eventlog.Log, all ...store.Store) {
	t.Helper()
	const each = 6
	var wg sync.WaitGroup
	for i, s := range all {
		for n := range each {
			wg.Go(func() {
				if _, err := Rename(t, s, r, func(was string) string { return was + "+" }); err != nil {
					t.Errorf("rename: %v", err)
				}
			})
			wg.Go(func() {
				next := session(r.Account.ID, byte(100+i*each+n)) // #nosec G115 -- small
				if err := s.StartSession(t.Context(), next, []eventlog.Event{SignIn(t, r, next)}); err != nil {
					t.Errorf("sign in: %v", err)
				}
			})
		}
	}
	wg.Wait()
	want := r.Account.Name
	for range each * len(all) {
		want += "+"
	}
	for _, s := range all {
		CheckFold(t, s, log, r.Account.ID)
		if a, err := s.Account(t.Context(), r.Account.ID); err != nil || a.Name != want {
			t.Errorf("the name is %q, %v; want %q", a.Name, err, want)
		}
		names, err := s.Names(t.Context(), []ids.ID{r.Account.ID})
		if err != nil || len(names) != 1 || names[0].Name != want {
			t.Errorf("the names are %v, %v; want %q", names, err, want)
		}
	}
	if n, want := head(t, log, r.Account.ID), uint64(2+2*each*len(all)); n != want { // #nosec G115 -- small
		t.Errorf("the stream has %d events, want %d", n, want)
	}
}

// OpenShared answers two stores on the same empty data, as two processes have
// them, and the log that both append to.
type OpenShared func(t *testing.T) (a, b store.Store, log eventlog.Log)

// RunShared runs what two processes may do to the same data at the same time.
func RunShared(t *testing.T, open OpenShared) {
	for name, test := range map[string]func(t *testing.T, a, b store.Store, log eventlog.Log){
		"GivesAnEmailToOne":         emailToOneOfTwo,
		"LosesNoChange":             losesNoChange,
		"RegistersUnderOnlookers":   registersUnderOnlookers,
		"ChangesASessionOneAtATime": sessionOneAtATimeOfTwo,
		"GivesAKeyOneSuccessor":     successorOfTwo,
		"SweepsOnce":                sweepsOfTwo,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, log := open(t)
			test(t, a, b, log)
		})
	}
}

func emailToOneOfTwo(t *testing.T, a, b store.Store, log eventlog.Log) {
	for round := range 5 {
		regs, errs := make([]store.Registration, 6), make([]error, 6)
		var wg sync.WaitGroup
		for i := range regs {
			regs[i] = Person(t, round*len(regs)+i)
			regs[i].Account.Email = fmt.Sprintf("same%d@example.com", round)
			s := []store.Store{a, b}[i%2]
			wg.Go(func() { errs[i] = s.Register(t.Context(), regs[i]) })
		}
		wg.Wait()
		won := -1
		for i, err := range errs {
			switch {
			case err == nil && won < 0:
				won = i
			case err == nil:
				t.Error("two got one email")
			case !errors.Is(err, store.ErrEmailTaken):
				t.Errorf("register: %v", err)
			case head(t, log, regs[i].Account.ID) != 0:
				t.Error("a refused registration left events")
			}
		}
		if won < 0 {
			t.Fatal("nobody got the email")
		}
		for _, s := range []store.Store{a, b} {
			if got, hash, err := s.Credentials(t.Context(), regs[won].Account.Email); err != nil || got != regs[won].Account || hash != regs[won].Hash {
				t.Errorf("credentials: %+v, %q, %v; want %+v", got, hash, err, regs[won].Account)
			}
		}
	}
}

// registersUnderOnlookers registers while another process looks the same
// person up and sweeps.
func registersUnderOnlookers(t *testing.T, a, b store.Store, log eventlog.Log) {
	for n := range 12 {
		r := Person(t, n)
		r.Session.Expires = time.Now().Add(24 * time.Hour).UTC().Truncate(time.Millisecond)
		done := make(chan struct{})
		var wg sync.WaitGroup
		for _, s := range []store.Store{a, b} {
			wg.Go(func() {
				for {
					if _, _, err := s.Credentials(t.Context(), r.Account.Email); err != nil && !errors.Is(err, store.ErrNotFound) {
						t.Errorf("credentials: %v", err)
					}
					if _, err := s.SweepSessions(t.Context(), time.Now().Add(time.Hour), 10); err != nil {
						t.Errorf("sweep: %v", err)
					}
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		if err := a.Register(t.Context(), r); err != nil {
			t.Errorf("register: %v", err)
		}
		close(done)
		wg.Wait()
		for _, s := range []store.Store{a, b} {
			if got, hash, err := s.Credentials(t.Context(), r.Account.Email); err != nil || got != r.Account || hash != r.Hash {
				t.Errorf("credentials: %+v, %q, %v; want %+v", got, hash, err, r.Account)
			}
		}
		CheckFold(t, b, log, r.Account.ID)
	}
}

func losesNoChange(t *testing.T, a, b store.Store, log eventlog.Log) {
	r := Person(t, 1)
	if err := a.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	changesAtOnce(t, r, log, a, b)
}

func sessionOneAtATimeOfTwo(t *testing.T, a, b store.Store, log eventlog.Log) {
	r := Person(t, 1)
	if err := a.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	const callers = 24
	seen := make([]byte, callers)
	var wg sync.WaitGroup
	for i := range callers {
		s := []store.Store{a, b}[i%2]
		wg.Go(func() {
			err := s.ChangeSession(t.Context(), r.Session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
				was.Salt[31]++
				seen[i] = was.Salt[31]
				if i%4 != 0 {
					return was, nil, nil
				}
				return was, []eventlog.Event{SignIn(t, r, was)}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	counted := map[byte]bool{}
	for _, n := range seen {
		counted[n] = true
	}
	if got := read(t, b, r.Session.Family).Salt[31]; got != callers || len(counted) != callers {
		t.Errorf("%d of %d changes are there, %d were told apart", got, callers, len(counted))
	}
	if n := head(t, log, r.Account.ID); n != 2+callers/4 {
		t.Errorf("the stream has %d events, want %d", n, 2+callers/4)
	}
}

func successorOfTwo(t *testing.T, a, b store.Store, _ eventlog.Log) {
	predecessor := ""
	for round := range 5 {
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			s := []store.Store{a, b}[i%2]
			wg.Go(func() {
				active := at.Add(time.Duration(round) * time.Hour)
				errs[i] = s.AddSigningKey(t.Context(), store.SigningKey{
					ID: fmt.Sprintf("key %d of %d", i, round), Predecessor: predecessor, Seed: make([]byte, 32),
					CreatedAt: at, ActiveAt: active, RetiresAt: active, ExpiresAt: active,
				})
			})
		}
		wg.Wait()
		keys, err := b.SigningKeys(t.Context())
		if err != nil || len(keys) != round+1 {
			t.Fatalf("there are %d keys, %v; want %d", len(keys), err, round+1)
		}
		for i, err := range errs {
			if won := keys[round].ID == fmt.Sprintf("key %d of %d", i, round); won != (err == nil) || !won && !errors.Is(err, store.ErrKeyTaken) {
				t.Errorf("add key %d: %v, and the key is %s", i, err, keys[round].ID)
			}
		}
		predecessor = keys[round].ID
	}
}

func sweepsOfTwo(t *testing.T, a, b store.Store, _ eventlog.Log) {
	r := Person(t, 1)
	if err := a.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		old := session(r.Account.ID, byte(10+i)) // #nosec G115 -- small
		old.Expires = at.Add(-time.Hour)
		if err := b.StartSession(t.Context(), old, nil); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, s := range []store.Store{a, b} {
		wg.Go(func() {
			if _, err := s.SweepSessions(t.Context(), at, 100); err != nil {
				t.Errorf("sweep: %v", err)
			}
		})
	}
	wg.Wait()
	if n, err := a.SweepSessions(t.Context(), at, 100); n != 0 || err != nil {
		t.Errorf("after both swept, %d were left, %v", n, err)
	}
	if got := read(t, b, r.Session.Family); got != r.Session {
		t.Error("the sweep took a session that is good")
	}
}
