package notification_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headway/internal/notification"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	storememory "headway/internal/notification/store/memory"
	storesqlite "headway/internal/notification/store/sqlite"
	"headway/internal/platform/clock"
	"headway/internal/platform/consumer"
	consumermemory "headway/internal/platform/consumer/memory"
	consumersqlite "headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/eventlog"
	logmemory "headway/internal/platform/eventlog/memory"
	"headway/internal/platform/ids"
	"headway/internal/platform/mail"
	"headway/internal/platform/peer/contacts"
	"headway/internal/platform/sqlitedb/sqlitedbtest"
	"headway/internal/task/event"
)

var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func id(n byte) ids.ID { return ids.ID{6: 0x70, 15: n} }

// People and things of the tests. Gus is a guest of the project.
var (
	ann, bob, cal, gus = id(1), id(2), id(3), id(4)
	workspace          = id(10)
	project, other     = id(11), id(12)
	task, second       = id(20), id(21)
)

// backend is what the service stands on.
type backend struct {
	store       store.Store
	checkpoints consumer.Checkpoints
}

func inMemory(testing.TB) backend { return backend{storememory.New(), consumermemory.New()} }

func onSQLite(t testing.TB) backend {
	db := sqlitedbtest.Open(t, consumersqlite.Migrations(), storesqlite.Migrations())
	return backend{storesqlite.New(db), consumersqlite.New(db)}
}

// everywhere runs a test on each backend.
func everywhere(t *testing.T, test func(t *testing.T, b backend)) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) backend{"memory": inMemory, "sqlite": onSQLite} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// letters are the mails that were sent; away has them fail.
type letters struct {
	mu   sync.Mutex
	sent []mail.Message
	away error
}

// Send implements mail.Sender.
func (l *letters) Send(_ context.Context, m mail.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away != nil {
		return l.away
	}
	if err := m.Check(); err != nil {
		return err
	}
	l.sent = append(l.sent, m)
	return nil
}

// addresses answers people by their ids.
type addresses struct{}

// Contacts implements contacts.Directory.
func (addresses) Contacts(_ context.Context, users []ids.ID) (out []contacts.Contact, err error) {
	names := map[ids.ID]string{ann: "Ann", bob: "Bob", cal: "Cal", gus: "Gus"}
	for _, u := range users {
		if n, ok := names[u]; ok {
			out = append(out, contacts.Contact{ID: u, Name: n, Email: strings.ToLower(n) + "@example.org"})
		}
	}
	return out, nil
}

// world is a log with the service over it.
type world struct {
	testing.TB
	backend
	log    *logmemory.Log
	clock  *clock.Manual
	mails  *letters
	mail   mail.Sender // mails, unless a test has a server
	module *notification.Module
	seq    uint64
}

func newWorld(t testing.TB, b backend) *world {
	t.Helper()
	w := &world{TB: t, backend: b, log: logmemory.New(), clock: clock.NewManual(began), mails: &letters{}}
	w.mail = w.mails
	w.start()
	return w
}

// start makes the service anew over what it has kept.
func (w *world) start() {
	w.Helper()
	var err error
	w.module, err = notification.New(w.Context(), notification.Options{
		Sources: notification.Sources{Store: w.store, Checkpoints: w.checkpoints, Events: w.log, Clock: w.clock, Log: slog.New(slog.DiscardHandler)},
		Mail:    w.mail, Domain: "example.org", Contacts: addresses{}, PublicURL: "https://headway.test",
	})
	w.must(err)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// record appends an event about an entity.
func (w *world) record(actor ids.ID, t event.Type, entity ids.ID, p event.Payload) ids.ID {
	w.Helper()
	return w.recordCause(actor, t, entity, p, "")
}

func (w *world) recordCause(actor ids.ID, t event.Type, entity ids.ID, p event.Payload, cause string) ids.ID {
	w.Helper()
	data, version, err := event.Encode(t, p)
	w.must(err)
	e := eventlog.Event{
		// Derived, so that two worlds with the same events have the same ids.
		ID: ids.Derive(workspace, "event", fmt.Sprint(w.seq)), Entity: entity, Type: string(t), Version: version,
		Actor: actor, At: w.clock.Now(), Cause: cause, Data: data,
	}
	at, err := w.log.Append(w.Context(), eventlog.Workspace, workspace, w.seq, []eventlog.Event{e})
	w.must(err)
	w.seq = at.Last
	return e.ID
}

// found makes the workspace of Ann with Bob, Cal and Gus, and two projects.
func (w *world) found() {
	w.Helper()
	w.record(ann, event.WorkspaceCreated, workspace, &event.WorkspaceData{Name: "Works"})
	for _, m := range []event.MemberData{
		{User: ann, Role: event.Owner}, {User: bob, Role: event.Member}, {User: cal, Role: event.Member},
		{User: gus, Role: event.Guest, Projects: []ids.ID{project}},
	} {
		m.Kind = event.Person
		w.record(ann, event.MemberAdded, m.User, &m)
	}
	for n, p := range map[string]ids.ID{"House": project} {
		w.record(ann, event.ProjectCreated, p, &event.ProjectData{Name: n, Key: strings.ToUpper(n), State: event.Live})
	}
	w.record(ann, event.ProjectCreated, other, &event.ProjectData{Name: "Garden", Key: "GARDEN", State: event.Live})
}

// create makes a task of Ann in the project.
func (w *world) create(entity ids.ID, change func(*event.TaskData)) {
	w.Helper()
	d := event.TaskData{Project: project, Title: "Paint <the> door", Number: 3, State: event.Live}
	if change != nil {
		change(&d)
	}
	w.record(ann, event.TaskCreated, entity, &d)
}

func to[T any](v T) *event.Change[T] { return &event.Change[T]{To: v} }

func change[T any](from, to T) *event.Change[T] { return &event.Change[T]{From: from, To: to} }

// settle has the service do all that there is to do.
func (w *world) settle() {
	w.Helper()
	w.must(w.module.CatchUp(w.Context()))
	w.must(w.module.Remind(w.Context()))
}

// inbox answers the kinds in a user's inbox, oldest first.
func (w *world) inbox(user ids.ID) (out []state.Kind) {
	w.Helper()
	list, err := w.store.List(w.Context(), store.List{User: user, Limit: 100})
	w.must(err)
	for _, n := range list {
		out = append(out, n.Kind)
	}
	slices.Reverse(out)
	return out
}

// want settles and compares a user's inbox.
func (w *world) want(what string, user ids.ID, want ...state.Kind) {
	w.Helper()
	w.settle()
	got := w.inbox(user)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("%s: the inbox holds %v, want %v", what, got, want)
	}
}

// post sends what is due after a while, and answers the subjects of all mails to a user.
func (w *world) post(user ids.ID) (out []string) {
	w.Helper()
	w.settle()
	w.clock.Advance(time.Minute)
	w.must(w.module.Send(w.Context()))
	c, _ := addresses{}.Contacts(w.Context(), []ids.ID{user})
	w.mails.mu.Lock()
	defer w.mails.mu.Unlock()
	for _, m := range w.mails.sent {
		if m.To == c[0].Email {
			out = append(out, m.Subject)
		}
	}
	slices.Sort(out)
	return out
}

var errAway = errors.New("the mail server is away")
