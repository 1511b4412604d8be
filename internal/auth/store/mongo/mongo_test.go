//go:build servers

package mongo_test

import (
	"errors"
	"testing"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/auth/store/mongo"
	"headway/internal/auth/store/storetest"
	"headway/internal/platform/eventlog"
	eventmongo "headway/internal/platform/eventlog/mongo"
	"headway/internal/platform/mongodb/mongodbtest"
	"headway/test/servers"
)

// Starting a server takes longer than most tests on it, so they share two.
func TestStore(t *testing.T) {
	t.Parallel()
	for backend, tests := range map[servers.Backend]map[string]func(*testing.T, *servers.FerretDBServer){
		servers.OnSQLite: {"Conformance": conformance},
		servers.OnPostgres: {
			"Conformance":                     conformance,
			"TwoStores":                       twoStores,
			"ARegistrationThatEndsMidway":     aRegistrationThatEndsMidway,
			"AnAccountChangeThatEndsMidway":   anAccountChangeThatEndsMidway,
			"ASignInThatEndsMidway":           aSignInThatEndsMidway,
			"ASessionChangeThatEndsMidway":    aSessionChangeThatEndsMidway,
			"ARehashThatEndsMidway":           aRehashThatEndsMidway,
			"OldVersionsOfASessionGo":         oldVersionsOfASessionGo,
			"AnEmailIsGivenBackWhereItMustBe": anEmailIsGivenBack,
			"EveryLostMessage":                everyLostMessage,
		},
	} {
		t.Run(string(backend), func(t *testing.T) {
			t.Parallel()
			server := servers.FerretDB(t, backend)
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, server)
				})
			}
		})
	}
}

// open opens an empty database.
func open(t *testing.T, server *servers.FerretDBServer) (*mongo.Store, eventlog.Log) {
	t.Helper()
	return openURL(t, server.Database(t))
}

func openURL(t *testing.T, url string) (*mongo.Store, eventlog.Log) {
	t.Helper()
	db := mongodbtest.Open(t, url, eventmongo.Schema(), mongo.Schema())
	log := eventmongo.New(db)
	return mongo.New(db, log), log
}

func conformance(t *testing.T, server *servers.FerretDBServer) {
	storetest.Run(t, func(t *testing.T) (store.Store, eventlog.Log) { return open(t, server) })
}

func twoStores(t *testing.T, server *servers.FerretDBServer) {
	storetest.RunShared(t, func(t *testing.T) (a, b store.Store, log eventlog.Log) {
		url := server.Database(t)
		a, log = openURL(t, url)
		b, _ = openURL(t, url)
		return a, b, log
	})
}

func oldVersionsOfASessionGo(t *testing.T, server *servers.FerretDBServer) {
	s, _ := open(t, server)
	r := storetest.Person(t, 1)
	if err := s.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	change := func() {
		t.Helper()
		err := s.ChangeSession(t.Context(), r.Session.Family, func(was state.Session) (state.Session, []eventlog.Event, error) {
			was.Salt[0]++
			return was, nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// Versions stay while a writer that read one may be underway. Each time the
	// floor is old enough, those below it go and the newest is the next floor.
	for i, want := range []int64{2, 3, 4, 2, 3, 4} {
		if i == 2 || i == 3 {
			if err := s.AgeFloor(t.Context(), r.Session.Family); err != nil {
				t.Fatal(err)
			}
		}
		change()
		if n, err := s.Versions(t.Context(), r.Session.Family); err != nil || n != want {
			t.Fatalf("after %d changes %d versions are kept, %v; want %d", i+1, n, err, want)
		}
	}
}

// An account whose stream is there already cannot be registered again, and its
// claim does not block the email.
func anEmailIsGivenBack(t *testing.T, server *servers.FerretDBServer) {
	s, _ := open(t, server)
	first, second := storetest.Person(t, 1), storetest.Person(t, 2)
	if err := s.Register(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	stolen := second
	stolen.Account.ID = first.Account.ID
	if err := s.Register(t.Context(), stolen); err == nil || errors.Is(err, store.ErrEmailTaken) {
		t.Errorf("an account registered twice: %v", err)
	}
	if _, _, err := s.Credentials(t.Context(), second.Account.Email); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("its email: %v", err)
	}
	if err := s.Register(t.Context(), second); err != nil {
		t.Errorf("the email is not free: %v", err)
	}
	if a, err := s.Account(t.Context(), first.Account.ID); err != nil || a != first.Account {
		t.Errorf("the account is %+v, %v; want %+v", a, err, first.Account)
	}
}
