package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/sqlite"
)

const benchDescription = "What is to be done, why, and how one sees that it is: a few lines as people write them into a task, with the usual words in them."

// board is a workspace with a project for benchmarks.
type board struct {
	*opened
	commands  *command.Service
	owner     command.Actor
	workspace ids.ID
	project   ids.ID
	columns   []event.Column
	tasks     []ids.ID
}

func newBoard(b testing.TB, tasks int) *board {
	b.Helper()
	return newBoardIn(b, b.TempDir(), tasks)
}

func newBoardIn(b testing.TB, folder string, tasks int) *board {
	b.Helper()
	o := openWith(b, sqlitedb.Options{Folder: folder}, sqlite.Options{})
	bd := &board{opened: o, commands: command.NewService(o, clock.System{}), owner: command.Actor{User: ids.New()}}
	w, err := bd.commands.CreateWorkspace(b.Context(), bd.owner, command.CreateWorkspace{Name: "Bench"})
	if err != nil {
		b.Fatal(err)
	}
	bd.workspace = w.ID
	p, err := bd.commands.CreateProject(b.Context(), bd.owner, command.CreateProject{Workspace: w.ID, Name: "Board"})
	if err != nil {
		b.Fatal(err)
	}
	bd.project = p.ID
	frame, err := o.Frame(b.Context(), w.ID)
	if err != nil {
		b.Fatal(err)
	}
	bd.columns = frame.Projects[p.ID].Columns
	var mu sync.Mutex
	bd.each(b, tasks, 64, func(i int) error {
		id, err := bd.create(b.Context(), i)
		mu.Lock()
		defer mu.Unlock()
		bd.tasks = append(bd.tasks, id)
		return err
	})
	return bd
}

// each runs n calls from so many goroutines.
func (bd *board) each(b testing.TB, n, goroutines int, call func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func (bd *board) create(ctx context.Context, i int) (ids.ID, error) {
	r, err := bd.commands.CreateTask(ctx, bd.owner, command.CreateTask{
		Workspace: bd.workspace, Project: bd.project, Column: bd.columns[i%3].ID,
		Title: "Write the release notes for version " + strconv.Itoa(i), Description: benchDescription, Priority: event.High,
	})
	return r.ID, err
}

// size is how many tasks the benchmarks' workspace holds before they begin.
func size() int {
	if n, err := strconv.Atoi(os.Getenv("HEADWAY_BENCH_TASKS")); err == nil {
		return n
	}
	return 1000
}

// cpu is what the process has used of the processors: on a busy machine the
// time that passed says nothing.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkCreate(b *testing.B) {
	for _, goroutines := range []int{1, 32, 128} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			bd := newBoard(b, size())
			b.ResetTimer()
			start := cpu()
			bd.each(b, b.N, goroutines, func(i int) error {
				_, err := bd.create(b.Context(), i)
				return err
			})
			b.ReportMetric(float64(cpu()-start)/float64(time.Microsecond)/float64(b.N), "cpu-µs/op")
			s := bd.db.Stats()
			b.ReportMetric(float64(s.Jobs)/float64(s.Groups), "jobs/group")
		})
	}
}

// BenchmarkBareInserts writes the same rows into the same tables and indexes,
// group-committed, without deciding anything: the limit beside BenchmarkCreate.
func BenchmarkBareInserts(b *testing.B) {
	for _, goroutines := range []int{1, 32, 128} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			bd := newBoard(b, size())
			head, err := bd.Seq(b.Context(), bd.workspace)
			if err != nil {
				b.Fatal(err)
			}
			r, err := bd.commands.CreateTask(b.Context(), bd.owner, command.CreateTask{
				Workspace: bd.workspace, Project: bd.project, Title: "Write the release notes for version 1", Description: benchDescription, Priority: event.High,
			})
			if err != nil {
				b.Fatal(err)
			}
			row, err := bd.Task(b.Context(), bd.workspace, r.ID)
			if err != nil {
				b.Fatal(err)
			}
			data := r.Commit.Events[0].Data
			var seq atomic.Uint64
			seq.Store(head + 1)
			b.ResetTimer()
			bd.each(b, b.N, goroutines, func(i int) error {
				id := ids.New()
				n := seq.Add(1)
				return bd.db.Write(b.Context(), func(c *sqlitedb.Conn) error {
					err := bd.log.Insert(c, 1, n, &eventlog.Event{ID: ids.New(), Entity: id, Scope: bd.project, Type: "task.created", Version: 1, Actor: bd.owner.User, At: clock.System{}.Now(), Data: data})
					if err != nil {
						return err
					}
					st, err := c.Prepare("INSERT INTO tasks (w, id, project, state, col, position, seq, card, detail) VALUES (1, ?, ?, 0, ?, ?, ?, ?, ?)")
					if err != nil {
						return err
					}
					sqlitedb.BindID(st, 1, id)
					sqlitedb.BindID(st, 2, bd.project)
					sqlitedb.BindID(st, 3, bd.columns[i%3].ID)
					st.BindText(4, fmt.Sprintf("b%06d", i))
					st.BindInt64(5, int64(n))
					st.BindBytes(6, row.Card)
					st.BindBytes(7, row.Detail)
					if _, err := st.Step(); err != nil {
						return err
					}
					k := c.LastInsertRowID()
					text := "1xwrite 1xthe 1xrelease 1xnotes 1xfor 1xversion 1xwhat 1xis 1xto 1xbe 1xdone 1xwhy 1xand 1xhow 1xone 1xsees 1xthat 1xit 1xa 1xfew 1xlines 1xas 1xpeople 1xinto 1xtask 1xwith 1xusual 1xwords 1xin 1xthem 1x" + strconv.Itoa(i)
					c.BeforeCommit(k, func(c *sqlitedb.Conn) error {
						st, err := c.Prepare("INSERT INTO search (rowid, words) VALUES (?, ?)")
						if err != nil {
							return err
						}
						st.BindInt64(1, k)
						st.BindText(2, text)
						_, err = st.Step()
						return err
					})
					return nil
				})
			})
		})
	}
}

func BenchmarkMove(b *testing.B) {
	bd := newBoard(b, size())
	b.ResetTimer()
	bd.each(b, b.N, 32, func(i int) error {
		_, err := bd.commands.ChangeTask(b.Context(), bd.owner, command.ChangeTask{
			Workspace: bd.workspace, ID: bd.tasks[i*7919%len(bd.tasks)], Column: &bd.columns[(i+i/len(bd.tasks))%4].ID,
		})
		return err
	})
}

func BenchmarkRead(b *testing.B) {
	bd := newBoard(b, size())
	head, err := bd.Seq(b.Context(), bd.workspace)
	if err != nil {
		b.Fatal(err)
	}
	all := readmodel.Access{All: true}
	for name, call := range map[string]func(i int) error{
		"seq":   func(int) error { _, err := bd.ProjectSeq(b.Context(), bd.workspace, bd.project); return err },
		"frame": func(int) error { _, err := bd.Frame(b.Context(), bd.workspace); return err },
		"task": func(i int) error {
			_, err := bd.Task(b.Context(), bd.workspace, bd.tasks[i*7919%len(bd.tasks)])
			return err
		},
		"tasks 50": func(int) error {
			_, err := bd.Tasks(b.Context(), bd.workspace, readmodel.TaskQuery{Project: bd.project, State: event.Live, Limit: 50})
			return err
		},
		"changes 10": func(int) error {
			_, _, err := bd.Changes(b.Context(), bd.workspace, head-10, head, all, 500)
			return err
		},
		"counts": func(int) error { _, err := bd.Counts(b.Context(), bd.workspace, bd.project); return err },
		"search rare": func(i int) error {
			_, _, err := bd.Search(b.Context(), bd.workspace, []string{strconv.Itoa(i % len(bd.tasks)), "release"}, all, readmodel.SearchCursor{}, 20)
			return err
		},
		"search common": func(int) error {
			_, _, err := bd.Search(b.Context(), bd.workspace, []string{"rele"}, all, readmodel.SearchCursor{}, 20)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if err := call(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	folder := b.TempDir()
	bd := newBoardIn(b, folder, size())
	if err := bd.db.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		o := openWith(b, sqlitedb.Options{Folder: folder}, sqlite.Options{})
		if _, err := o.Frame(b.Context(), bd.workspace); err != nil {
			b.Fatal(err)
		}
		if err := o.db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
