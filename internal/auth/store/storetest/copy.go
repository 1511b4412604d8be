package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"headway/internal/auth/state"
	"headway/internal/auth/store"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
)

// copiesAccountsWhole copies accounts and sessions into an empty store, again
// once they have changed, and again when nothing has; the second store must
// then answer all that the first does.
func copiesAccountsWhole(t *testing.T, open Open) {
	from, fromLog := open(t)
	to, toLog := open(t)
	var people []store.Registration
	var list []ids.ID
	for n := range 3 {
		r := Person(t, n)
		if err := from.Register(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		people, list = append(people, r), append(list, r.Account.ID)
	}
	copyAll(t, from, fromLog, to, toLog, list)
	compare(t, from, to, people)

	first := people[0]
	if _, err := Rename(t, from, first, func(string) string { return "Another Name" }); err != nil {
		t.Fatal(err)
	}
	if err := from.ReplaceHash(t.Context(), first.Account.ID, first.Hash, "a newer hash"); err != nil {
		t.Fatal(err)
	}
	err := from.ChangeSession(t.Context(), first.Session.Family, func(s state.Session) (state.Session, []eventlog.Event, error) {
		s.Previous, s.Current, s.Ended = s.Current, [32]byte{9}, at
		return s, nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		copyAll(t, from, fromLog, to, toLog, list)
		compare(t, from, to, people)
	}
	if copies, err := to.CopyAccounts(t.Context(), []ids.ID{ids.New()}); err != nil || len(copies) != 0 {
		t.Errorf("of nobody there are %d copies, %v", len(copies), err)
	}
	stop := errors.New("enough")
	if err := from.EachSession(t.Context(), func(state.Session) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("sessions are answered %v", err)
	}
	secretsStay(t, from, people[0])
}

// copyAll copies streams, accounts and sessions.
func copyAll(t *testing.T, from store.Store, fromLog eventlog.Log, to store.Store, toLog eventlog.Log, list []ids.ID) {
	t.Helper()
	for _, id := range list {
		at := head(t, toLog, id)
		events, err := fromLog.Read(t.Context(), id, at, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			continue
		}
		if _, err := toLog.Append(t.Context(), eventlog.Account, id, at, events); err != nil {
			t.Fatal(err)
		}
	}
	copies, err := from.CopyAccounts(t.Context(), list)
	if err != nil || len(copies) != len(list) {
		t.Fatalf("%d copies of %d accounts, %v", len(copies), len(list), err)
	}
	if err := to.PutAccounts(t.Context(), copies); err != nil {
		t.Fatal(err)
	}
	var sessions []state.Session
	if err := from.EachSession(t.Context(), func(s state.Session) error { sessions = append(sessions, s); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(sessions) != len(list) {
		t.Errorf("there are %d sessions of %d accounts", len(sessions), len(list))
	}
	if err := to.PutSessions(t.Context(), sessions); err != nil {
		t.Fatal(err)
	}
}

// compare holds what the second store answers against the first.
func compare(t *testing.T, from, to store.Store, people []store.Registration) {
	t.Helper()
	for _, r := range people {
		a, hash, err := from.Credentials(t.Context(), r.Account.Email)
		b, copied, copyErr := to.Credentials(t.Context(), r.Account.Email)
		if err != nil || copyErr != nil || a != b || hash != copied {
			t.Errorf("credentials are %+v, %q, %v, of the copy %+v, %q, %v", a, hash, err, b, copied, copyErr)
		}
		key, err := from.PersonalKey(t.Context(), r.Account.ID)
		copiedKey, copyErr := to.PersonalKey(t.Context(), r.Account.ID)
		if err != nil || copyErr != nil || !bytes.Equal(key, copiedKey) {
			t.Errorf("the personal key differs, %v, %v", err, copyErr)
		}
		if a, b := read(t, from, r.Session.Family), read(t, to, r.Session.Family); !reflect.DeepEqual(a, b) {
			t.Errorf("the session is %+v, of the copy %+v", a, b)
		}
	}
}

// secretsStay prints a copy in every way that a log might.
func secretsStay(t *testing.T, s store.Store, r store.Registration) {
	t.Helper()
	copies, err := s.CopyAccounts(t.Context(), []ids.ID{r.Account.ID})
	if err != nil || len(copies) != 1 {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb, copies[0], copies)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("copied", "account", copies[0], "all", copies)
	slog.New(slog.NewTextHandler(&out, nil)).Info("copied", "account", copies[0], "all", copies)
	if encoded, err := json.Marshal(copies); err == nil {
		out.Write(encoded)
	}
	for _, secret := range []string{copies[0].Hash, r.Account.Email, string(copies[0].Key), fmt.Sprintf("%x", []byte(copies[0].Key)), fmt.Sprintf("%d", []byte(copies[0].Key))} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("a copy prints its secrets: %s", out.String())
		}
	}
}
