//go:build servers

package mongo_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	taskevent "headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/mongo"
	"headway/test/servers"
)

// secondary is a copy of a database's rows that is made late, as that of a
// secondary is that has trouble to follow.
type secondary struct {
	from, to *driver.Collection
}

func newSecondary(t *testing.T, from, to string) *secondary {
	t.Helper()
	rows := func(url string) *driver.Collection {
		db, err := mongodb.Open(t.Context(), mongodb.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := mongodb.Ensure(t.Context(), db, mongo.Schema()); err != nil {
			t.Fatal(err)
		}
		return db.Collection("task_rows")
	}
	return &secondary{from: rows(from), to: rows(to)}
}

// copy copies what is there now. Heads are read first and written last, so
// that the copy is never without what its heads tell of.
func (s *secondary) copy(ctx context.Context) error {
	heads, err := s.rows(ctx)
	if err != nil {
		return err
	}
	rows, err := s.rows(ctx)
	if err != nil {
		return err
	}
	var models []driver.WriteModel
	for _, want := range []bool{false, true} {
		from := rows
		if want {
			from = heads
		}
		for _, r := range from {
			id := r.Lookup("_id")
			if isHead := strings.Contains(id.StringValue(), "/0/"); isHead == want {
				models = append(models, driver.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: id}}).SetUpdate(bson.D{{Key: "$set", Value: r}}).SetUpsert(true))
			}
		}
	}
	for part := range slices.Chunk(models, 20) { // FerretDB holds a connection for each
		if _, err := s.to.BulkWrite(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *secondary) rows(ctx context.Context) (rows []bson.Raw, err error) {
	cursor, err := s.from.Find(ctx, bson.D{}, options.Find().SetBatchSize(100_000))
	if err != nil {
		return nil, err
	}
	return rows, cursor.All(ctx, &rows)
}

// follow copies again and again, a while late each time, until the test ends
// or stop is called.
func (s *secondary) follow(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := s.copy(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		}
	})
	return func() { cancel(); wg.Wait() }
}

// titles answers a page of the team's project, and the seq that names it.
func (m *team) titles(ctx context.Context, s *opened, atLeast uint64) (uint64, string, error) {
	if atLeast > 0 {
		if _, err := s.Seq(readmodel.WithMinSeq(ctx, atLeast), m.workspace); err != nil {
			return 0, "", err
		}
	}
	seq, err := s.ProjectSeq(ctx, m.workspace, m.project)
	if err != nil {
		return 0, "", err
	}
	page, err := s.Tasks(ctx, m.workspace, readmodel.TaskQuery{Project: m.project, State: taskevent.Live, Limit: 500})
	var all strings.Builder
	for _, r := range page.Rows {
		all.Write(r)
	}
	return seq, all.String(), err
}

// Clients write and read back by two processes whose reads go to a secondary
// that lags. Nobody misses what they wrote, and no page lacks what its seq tells of.
func TestASecondaryThatLags(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	database := server.Database(t)
	copied := server.Database(t)
	s := newSecondary(t, database, copied)
	with := mongodb.Options{URL: database, Secondaries: []string{copied}}
	a, b := processWith(t, with, mongo.Options{}), processWith(t, with, mongo.Options{})
	eventually(t, func() bool { return a.db.Members() == 1 && b.db.Members() == 1 })
	m := newTeam(t, a)
	stop := s.follow(t)

	var mu sync.Mutex
	made := map[uint64]string{} // by the seq at which it was there
	type page struct {
		seq  uint64
		text string
	}
	var pages []page
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				title := "task " + ids.New().String()
				r, err := m.create(t.Context(), title)
				if err != nil {
					t.Error(err)
					return
				}
				seq := r.Commit.Last
				mu.Lock()
				made[seq] = title
				mu.Unlock()
				for _, p := range []*opened{a, b} {
					atLeast := uint64(0)
					if p == b { // which has not heard of it
						atLeast = seq
					}
					at, text, err := m.titles(t.Context(), p, atLeast)
					switch {
					case err != nil:
						t.Error(err)
						return
					case !strings.Contains(text, title):
						t.Errorf("%s of seq %d is not on the page of seq %d", title, seq, at)
					}
					mu.Lock()
					pages = append(pages, page{at, text})
					mu.Unlock()
				}
				at, text, err := m.titles(t.Context(), b, 0)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				pages = append(pages, page{at, text})
				mu.Unlock()
				time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			}
		})
	}
	wg.Wait()
	stop()
	for _, p := range pages {
		for seq, title := range made {
			if seq <= p.seq && !strings.Contains(p.text, title) {
				t.Fatalf("the page of seq %d lacks the task of seq %d", p.seq, seq)
			}
		}
	}
	if a.db.MemberReads() == 0 || b.db.MemberReads() == 0 {
		t.Error("the secondary was not read from")
	}
	t.Logf("reads sent to the secondary: %d and %d", a.db.MemberReads(), b.db.MemberReads())
}

// A secondary that has all is asked, by as many commands as the primary would
// be; one that does not answer, or not any more, is done without.
func TestASecondaryAnswers(t *testing.T) {
	t.Parallel()
	server := servers.FerretDB(t, servers.OnPostgres)
	database := server.Database(t)
	copied := server.Database(t)
	proxy := servers.NewProxy(t, server.Addr)
	s := newSecondary(t, database, copied)
	b := processWith(t, mongodb.Options{
		URL: database, Secondaries: []string{strings.Replace(copied, server.Addr, proxy.Addr, 1)}, RefreshEvery: 50 * time.Millisecond,
	}, mongo.Options{})
	eventually(t, func() bool { return b.db.Members() == 1 })
	m := newTeam(t, process(t, database, mongo.Options{}))
	r, err := m.create(t.Context(), "as it is")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.copy(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The copy says something else, which shows who answers.
	var there struct {
		ID   string `bson:"_id"`
		JSON []byte `bson:"json"`
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$regex", Value: "/" + r.ID.String() + "$"}}}}
	if err := s.to.FindOne(t.Context(), filter).Decode(&there); err != nil {
		t.Fatal(err)
	}
	changed := []byte(strings.Replace(string(there.JSON), "as it is", "as copied", 1))
	if _, err := s.to.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: there.ID}}, bson.D{{Key: "$set", Value: bson.D{{Key: "json", Value: changed}}}}); err != nil {
		t.Fatal(err)
	}
	reads := func(want string) {
		t.Helper()
		row, err := b.Task(t.Context(), m.workspace, r.ID)
		if err != nil || !strings.Contains(string(row.Card), want) {
			t.Errorf("a read answers %s, %v; want %q", row.Card, err, want)
		}
		if _, text, err := m.titles(t.Context(), b, 0); err != nil || !strings.Contains(text, want) {
			t.Errorf("a list answers %s, %v; want %q", text, err, want)
		}
	}
	reads("as copied")
	for what, do := range map[string]func() error{
		"a seq":  func() error { _, err := b.Seq(t.Context(), m.workspace); return err },
		"a task": func() error { _, err := b.Task(t.Context(), m.workspace, r.ID); return err },
		"a list": func() error {
			_, err := b.Tasks(t.Context(), m.workspace, readmodel.TaskQuery{Project: m.project, State: taskevent.Live, Limit: 50})
			return err
		},
		"a sync": func() error {
			_, _, err := b.Changes(t.Context(), m.workspace, 0, r.Commit.Last, readmodel.Access{All: true}, 50)
			return err
		},
	} {
		before := b.db.MemberReads()
		if err := do(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if n := b.db.MemberReads() - before; n != 1 {
			t.Errorf("%s asked the secondary %d times", what, n)
		}
	}

	proxy.Cut()
	reads("as it is")
	proxy.Mend(t)
	eventually(t, func() bool { return b.db.Members() == 1 })
	reads("as copied")
	proxy.Silence(t)
	reads("as it is")
	proxy.Mend(t)
	eventually(t, func() bool { return b.db.Members() == 1 })

	// Another process tells of a change that the copy does not have.
	b.Heard(m.workspace, r.Commit.Last+1)
	reads("as it is")
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not become so")
		}
	}
}
