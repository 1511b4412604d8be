//go:build servers

package mongo_test

import (
	"errors"
	"fmt"
	"slices"
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

var errCrash = errors.New("the process ended here")

// world is a database with a store of a process that ends before one of its
// writes, and one of a process that lives.
type world struct {
	crashing, living *mongo.Store
	log              eventlog.Log
	// done are the writes that the crashing one got done, ended is the one before which it ended, "" for none.
	done  []string
	ended string
}

// everyCrash runs test with a process that ends before its first write, one
// that ends before its second, and so on until one comes through, whose
// writes must be want.
func everyCrash(t *testing.T, server *servers.FerretDBServer, want []string, test func(t *testing.T, w *world)) {
	t.Helper()
	for n := 0; n <= len(want); n++ {
		name := "comes through"
		if n < len(want) {
			name = fmt.Sprintf("ends before %d, %s", n+1, want[n])
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := server.Database(t)
			w := &world{}
			w.crashing, w.log = openURL(t, url)
			w.living, _ = openURL(t, url)
			w.crashing.OnStep(func(name string) error {
				if len(w.done) == n && n < len(want) {
					w.ended = name
				}
				if w.ended != "" {
					return errCrash
				}
				w.done = append(w.done, name)
				return nil
			})
			test(t, w)
			if !slices.Equal(w.done, want[:n]) {
				t.Errorf("its writes were %q, want %q", w.done, want[:n])
			}
		})
	}
}

// crashed fails the test where an error is another than that of the crash.
func (w *world) crashed(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
}

// did reports whether a write got done.
func (w *world) did(name string) bool { return slices.Contains(w.done, name) }

func (w *world) sweep(t *testing.T) {
	t.Helper()
	// A sweep leaves to who began it what was begun a moment ago.
	if _, err := w.living.SweepSessions(t.Context(), time.Now().Add(5*time.Minute), 10); err != nil {
		t.Fatal(err)
	}
}

func (w *world) wantHead(t *testing.T, stream ids.ID, want uint64) {
	t.Helper()
	if n, err := w.log.Head(t.Context(), stream); n != want || err != nil {
		t.Errorf("the stream has %d events, %v; want %d", n, err, want)
	}
}

// current is the session as it is.
func (w *world) current(t *testing.T, family [32]byte) (now state.Session, err error) {
	t.Helper()
	err = w.living.ChangeSession(t.Context(), family, func(s state.Session) (state.Session, []eventlog.Event, error) {
		now = s
		return s, nil, nil
	})
	return now, err
}

// person is somebody whose session lasts into the future of the sweeps here.
func person(t *testing.T) store.Registration {
	r := storetest.Person(t, 1)
	r.Session.Expires = time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	return r
}

func registered(t *testing.T, w *world) store.Registration {
	t.Helper()
	r := person(t)
	if err := w.living.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

var registerSteps = []string{
	"insert auth_emails", "append", "insert auth_personal_keys", "insert auth_credentials", "insert auth_sessions",
	"insert auth_accounts", "update auth_emails",
}

func aRegistrationThatEndsMidway(t *testing.T, server *servers.FerretDBServer) {
	for _, by := range []string{"a sweep", "a sign-in"} {
		t.Run("finished by "+by, func(t *testing.T) {
			t.Parallel()
			everyCrash(t, server, registerSteps, func(t *testing.T, w *world) {
				first, second := person(t), person(t)
				err := w.crashing.Register(t.Context(), first)
				w.crashed(t, err)
				if !w.did("insert auth_emails") {
					w.wantHead(t, first.Account.ID, 0)
					if err := w.living.Register(t.Context(), second); err != nil {
						t.Errorf("the email is not free: %v", err)
					}
					return
				}
				if err := w.living.Register(t.Context(), second); !errors.Is(err, store.ErrEmailTaken) {
					t.Errorf("another registration: %v", err)
				}
				if by == "a sweep" {
					w.sweep(t)
					if a, err := w.living.Account(t.Context(), first.Account.ID); err != nil || a != first.Account {
						t.Errorf("account: %+v, %v; want %+v", a, err, first.Account)
					}
				}
				if a, hash, err := w.living.Credentials(t.Context(), first.Account.Email); err != nil || a != first.Account || hash != first.Hash {
					t.Errorf("credentials: %+v, %q, %v; want %+v", a, hash, err, first.Account)
				}
				storetest.CheckFold(t, w.living, w.log, first.Account.ID)
				if s, err := w.current(t, first.Session.Family); err != nil || s != first.Session {
					t.Errorf("session: %+v, %v; want %+v", s, err, first.Session)
				}
				w.wantHead(t, first.Account.ID, 2)
				w.wantHead(t, second.Account.ID, 0)
			})
		})
	}
}

func anAccountChangeThatEndsMidway(t *testing.T, server *servers.FerretDBServer) {
	everyCrash(t, server, []string{"append", "insert auth_accounts", "delete auth_accounts"}, func(t *testing.T, w *world) {
		r := registered(t, w)
		_, err := storetest.Rename(t, w.crashing, r, func(string) string { return "Once" })
		w.crashed(t, err)
		// Once the event is in the log the change has happened, and its caller is told so.
		want, head := "Once", uint64(3)
		if !w.did("append") {
			want, head = r.Account.Name, 2
		}
		if (err == nil) != w.did("append") {
			t.Errorf("its caller was answered %v", err)
		}
		w.wantHead(t, r.Account.ID, head)
		storetest.CheckFold(t, w.living, w.log, r.Account.ID)
		if names, err := w.living.Names(t.Context(), []ids.ID{r.Account.ID}); err != nil || len(names) != 1 || names[0].Name != want {
			t.Errorf("the names are %v, %v; want %q", names, err, want)
		}
		again, err := storetest.Rename(t, w.living, r, func(was string) string { return was + ", then twice" })
		if err != nil || again.Name != want+", then twice" {
			t.Errorf("changed again it is %q, %v", again.Name, err)
		}
		if rows, _, err := w.living.Rows(t.Context(), r.Account.ID); rows != 1 || err != nil {
			t.Errorf("%d rows are kept, %v", rows, err)
		}
		storetest.CheckFold(t, w.living, w.log, r.Account.ID)
	})
}

func aSignInThatEndsMidway(t *testing.T, server *servers.FerretDBServer) {
	everyCrash(t, server, []string{"insert auth_sessions", "append", "update auth_sessions"}, func(t *testing.T, w *world) {
		r := registered(t, w)
		next := storetest.Session(r.Account.ID, 9)
		next.Expires = r.Session.Expires
		w.crashed(t, w.crashing.StartSession(t.Context(), next, []eventlog.Event{storetest.SignIn(t, r, next)}))
		w.sweep(t)
		w.sweep(t)
		s, err := w.current(t, next.Family)
		if !w.did("insert auth_sessions") {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("session: %v", err)
			}
			w.wantHead(t, r.Account.ID, 2)
			return
		}
		if err != nil || s != next {
			t.Errorf("session: %+v, %v; want %+v", s, err, next)
		}
		w.wantHead(t, r.Account.ID, 3)
	})
}

func aSessionChangeThatEndsMidway(t *testing.T, server *servers.FerretDBServer) {
	steps := []string{"insert auth_sessions", "append", "update auth_sessions"}
	for _, by := range []string{"a sweep", "the next change", "its expiry", "an expiry long since"} {
		t.Run("finished by "+by, func(t *testing.T) {
			t.Parallel()
			everyCrash(t, server, steps, func(t *testing.T, w *world) {
				r := person(t)
				if by == "an expiry long since" {
					// Of two versions, the sweep comes upon the first.
					r.Session.Expires = r.Session.StartedAt.Add(time.Minute)
				}
				if err := w.living.Register(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				ended := r.Session
				ended.Ended = r.Session.StartedAt.Add(time.Minute)
				w.crashed(t, w.crashing.ChangeSession(t.Context(), r.Session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
					return ended, []eventlog.Event{storetest.SignIn(t, r, was)}, nil
				}))
				want, head := ended, uint64(3)
				if !w.did("insert auth_sessions") {
					want, head = r.Session, 2
				}
				switch by {
				case "a sweep":
					w.sweep(t)
				case "its expiry", "an expiry long since":
					if n, err := w.living.SweepSessions(t.Context(), r.Session.Expires.Add(time.Second), 10); n != 1 || err != nil {
						t.Errorf("the sweep deleted %d sessions, %v", n, err)
					}
					if _, err := w.current(t, r.Session.Family); !errors.Is(err, store.ErrNotFound) {
						t.Errorf("the expired session: %v", err)
					}
				case "the next change":
					want.Salt[7]++
					err := w.living.ChangeSession(t.Context(), r.Session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
						was.Salt[7]++
						return was, []eventlog.Event{storetest.SignIn(t, r, was)}, nil
					})
					if err != nil {
						t.Error(err)
					}
					head++
				}
				w.wantHead(t, r.Account.ID, head)
				if by == "its expiry" || by == "an expiry long since" {
					return
				}
				if s, err := w.current(t, r.Session.Family); err != nil || s != want {
					t.Errorf("session: %+v, %v; want %+v", s, err, want)
				}
			})
		})
	}
}

func aRehashThatEndsMidway(t *testing.T, server *servers.FerretDBServer) {
	everyCrash(t, server, []string{"insert auth_credentials", "delete auth_credentials"}, func(t *testing.T, w *world) {
		r := registered(t, w)
		w.crashed(t, w.crashing.ReplaceHash(t.Context(), r.Account.ID, r.Hash, "stronger"))
		want := "stronger"
		if !w.did("insert auth_credentials") {
			want = r.Hash
		}
		if _, hash, err := w.living.Credentials(t.Context(), r.Account.Email); err != nil || hash != want {
			t.Errorf("the hash is %q, %v; want %q", hash, err, want)
		}
		if err := w.living.ReplaceHash(t.Context(), r.Account.ID, want, "strongest"); err != nil {
			t.Fatal(err)
		}
		if _, hash, err := w.living.Credentials(t.Context(), r.Account.Email); err != nil || hash != "strongest" {
			t.Errorf("the hash is %q, %v", hash, err)
		}
		if _, hashes, err := w.living.Rows(t.Context(), r.Account.ID); hashes != 1 || err != nil {
			t.Errorf("%d hashes are kept, %v", hashes, err)
		}
	})
}
