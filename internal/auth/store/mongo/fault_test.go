//go:build servers

package mongo_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/auth/store/mongo"
	"headway/internal/auth/store/storetest"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/test/servers"
)

// somebody is a person as a client knows them: what they tried, and what they
// were told had happened.
type somebody struct {
	r                    store.Registration
	registered           bool
	renames, renamesDone int
	changes, changesDone int
	signIns              []signIn
	refused, asked       int
	unexpected           error
	acknowledged         atomic.Int64
}

// signIn is one that was tried.
type signIn struct {
	session state.Session
	done    bool
}

// newSomebody answers the n-th person.
func newSomebody(t *testing.T, n int) *somebody {
	p := &somebody{r: storetest.Person(t, n)}
	p.r.Session.Expires = time.Now().Add(24 * time.Hour).UTC().Truncate(time.Millisecond)
	return p
}

// live does what a person does, over and over, until ctx ends.
func (p *somebody) live(ctx context.Context, t *testing.T, s store.Store) {
	for !p.registered && ctx.Err() == nil {
		// The same registration again is the same: it may have happened unheard.
		p.register(t, s)
	}
	for i := 0; ctx.Err() == nil; i++ {
		[]func(*testing.T, store.Store) bool{p.rename, p.change, p.signIn}[i%3](t, s)
	}
}

func (p *somebody) register(t *testing.T, s store.Store) bool {
	p.registered = p.tell(s.Register(t.Context(), p.r))
	return p.registered
}

func (p *somebody) rename(t *testing.T, s store.Store) bool {
	p.renames++
	_, err := storetest.Rename(t, s, p.r, func(was string) string { return was + "+" })
	if !p.tell(err) {
		return false
	}
	p.renamesDone++
	return true
}

func (p *somebody) change(t *testing.T, s store.Store) bool {
	p.changes++
	err := s.ChangeSession(t.Context(), p.r.Session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
		was.Salt[0]++
		return was, []eventlog.Event{storetest.SignIn(t, p.r, was)}, nil
	})
	if !p.tell(err) {
		return false
	}
	p.changesDone++
	return true
}

func (p *somebody) signIn(t *testing.T, s store.Store) bool {
	next := storetest.Session(p.r.Account.ID, 0)
	next.Family = [32]byte(slices.Concat(next.ID[:], next.ID[:]))
	next.Expires = p.r.Session.Expires
	done := p.tell(s.StartSession(t.Context(), next, []eventlog.Event{storetest.SignIn(t, p.r, next)}))
	p.signIns = append(p.signIns, signIn{next, done})
	return done
}

// tell counts an answer and reports whether it says that it was done. The
// person takes a breath then: the test server looks at all documents for each
// command, so it is the number of changes that makes this test slow.
func (p *somebody) tell(err error) bool {
	p.asked++
	time.Sleep(10 * time.Millisecond)
	if err == nil {
		p.acknowledged.Add(1)
		return true
	}
	p.refused++
	for _, never := range []error{store.ErrEmailTaken, store.ErrNotFound, store.ErrKeyTaken} {
		if errors.Is(err, never) {
			p.unexpected = err
		}
	}
	return false
}

// faults are what happens to the line and to the server while people work, and
// how it is put right. After each, everybody gets on.
func faults(t *testing.T, server *servers.FerretDBServer, proxy *servers.Proxy, people []*somebody) {
	mend := func() { proxy.Mend(t) }
	for i, f := range []struct{ breakIt, mend func() }{
		{func() { proxy.LoseAnswers(t) }, mend},
		{proxy.Cut, mend},
		{func() { server.Pause(t) }, func() { server.Resume(t) }},
		{server.Kill, func() { server.Start(t) }},
		{server.Postgres.Kill, func() { server.Postgres.Start(t) }},
		{func() { proxy.Silence(t) }, mend},
	} {
		f.breakIt()
		time.Sleep(500 * time.Millisecond) // for requests to meet it
		f.mend()
		for n := range people {
			from := people[n].acknowledged.Load()
			for deadline := time.Now().Add(60 * time.Second); people[n].acknowledged.Load() < from+1; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("after fault %d somebody does not get on", i+1)
				}
			}
		}
	}
}

// While people work the line is cut, goes silent, loses answers; the server
// hangs, is killed, loses its own store. What anybody was told had happened is
// there afterwards, nothing happened twice, and nothing stays half done.
func TestNothingAcknowledgedIsLostToFaults(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	proxy := servers.NewProxy(t, server.Addr)
	direct := server.URL("people")
	after, log := openURL(t, direct)
	through := servers.MongoURL(proxy.Addr, "people") + "&timeoutMS=1000&serverSelectionTimeoutMS=500&connectTimeoutMS=500"

	people := []*somebody{newSomebody(t, 1), newSomebody(t, 2), newSomebody(t, 3)}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	stores := make([]*mongo.Store, 2)
	for i := range stores {
		stores[i], _ = openURL(t, through)
	}
	for i := range people {
		wg.Go(func() { people[i].live(ctx, t, stores[i%len(stores)]) })
	}
	faults(t, server, proxy, people)
	stop()
	wg.Wait()

	// Whatever was left goes the way that it goes after a crash.
	if _, err := after.SweepSessions(t.Context(), time.Now().Add(5*time.Minute), 1000); err != nil {
		t.Fatal(err)
	}
	asked, refused := 0, 0
	for i := range people {
		people[i].check(t, after, log)
		asked, refused = asked+people[i].asked, refused+people[i].refused
	}
	if refused == 0 || refused == asked {
		t.Errorf("of %d requests %d failed: the faults met nobody, or everybody", asked, refused)
	}
	t.Logf("of %d requests %d failed", asked, refused)
}

// check holds what is there against what the person was told.
func (p *somebody) check(t *testing.T, s store.Store, log eventlog.Log) {
	t.Helper()
	if p.unexpected != nil {
		t.Errorf("%s was told: %v", p.r.Account.Email, p.unexpected)
	}
	a, hash, err := s.Credentials(t.Context(), p.r.Account.Email)
	if errors.Is(err, store.ErrNotFound) && !p.registered {
		if err := s.Register(t.Context(), p.r); err != nil {
			t.Errorf("the email %s is not free: %v", p.r.Account.Email, err)
		}
		return
	}
	if err != nil || a.ID != p.r.Account.ID || hash != p.r.Hash {
		t.Errorf("%s: %+v, %q, %v", p.r.Account.Email, a, hash, err)
		return
	}
	storetest.CheckFold(t, s, log, a.ID)
	if n := strings.Count(a.Name, "+"); n < p.renamesDone || n > p.renames {
		t.Errorf("%s was renamed %d times; %d were tried and %d acknowledged", a.Email, n, p.renames, p.renamesDone)
	}
	changed := 0
	err = s.ChangeSession(t.Context(), p.r.Session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
		changed = int(was.Salt[0]-p.r.Session.Salt[0]) & 0xff
		return was, nil, nil
	})
	if err != nil || changed < p.changesDone || changed > p.changes {
		t.Errorf("%s has a session changed %d times, %v; %d were tried and %d acknowledged", a.Email, changed, err, p.changes, p.changesDone)
	}
	want := map[ids.ID]int{a.ID: 1 + strings.Count(a.Name, "+"), p.r.Session.ID: 1 + changed}
	for _, tried := range p.signIns {
		var there state.Session
		err := s.ChangeSession(t.Context(), tried.session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
			there = was
			return was, nil, nil
		})
		switch {
		case err == nil && there == tried.session:
			want[there.ID] = 1
		case !errors.Is(err, store.ErrNotFound) || tried.done:
			t.Errorf("%s signed in (acknowledged: %t) and the session is %+v, %v", a.Email, tried.done, there, err)
		}
	}
	p.checkStream(t, log, want)
}

// checkStream holds the stream against what is there: for each thing as many
// events as it has changed.
func (p *somebody) checkStream(t *testing.T, log eventlog.Log, want map[ids.ID]int) {
	t.Helper()
	events, err := log.Read(t.Context(), p.r.Account.ID, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	got, seen := map[ids.ID]int{}, map[ids.ID]bool{}
	for i := range events {
		if events[i].Seq != uint64(i)+1 || seen[events[i].ID] { // #nosec G115 -- an index
			t.Errorf("event %d of %s has seq %d, or is there twice", i, p.r.Account.Email, events[i].Seq)
		}
		seen[events[i].ID] = true
		got[events[i].Entity]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s has these events for each thing: %v; what is there has changed so often: %v", p.r.Account.Email, got, want)
	}
}
