package readmodeltest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/words"
)

func absentThings(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	ctx, s, w, none := t.Context(), f.store, f.workspace, ids.New()
	if seq, err := s.Seq(ctx, none); seq != 0 || err != nil {
		t.Errorf("the seq of no workspace is %d, %v", seq, err)
	}
	for what, call := range map[string]func() error{
		"frame":            func() error { _, err := s.Frame(ctx, none); return err },
		"project seq":      func() error { _, err := s.ProjectSeq(ctx, w, none); return err },
		"task":             func() error { _, err := s.Task(ctx, w, none); return err },
		"task of no space": func() error { _, err := s.Task(ctx, none, none); return err },
		"tasks": func() error {
			_, err := s.Tasks(ctx, w, readmodel.TaskQuery{Project: none, State: event.Live, Limit: 1})
			return err
		},
		"counts":       func() error { _, err := s.Counts(ctx, w, none); return err },
		"comments":     func() error { _, _, err := s.Comments(ctx, w, none, readmodel.CommentCursor{}, 1); return err },
		"changes":      func() error { _, _, err := s.Changes(ctx, none, 0, 1, everything, 1); return err },
		"project rows": func() error { _, _, err := s.ProjectRows(ctx, w, none, ids.Nil, 1); return err },
		"shelf": func() error {
			_, _, err := s.Shelf(ctx, none, event.Archived, everything, readmodel.SearchCursor{}, 1)
			return err
		},
		"search": func() error {
			_, _, err := s.Search(ctx, none, []string{"a"}, everything, readmodel.SearchCursor{}, 1)
			return err
		},
		"invitation": func() error { _, err := s.InvitationWorkspace(ctx, "none"); return err },
	} {
		if err := call(); !apperr.Is(err, apperr.NotFound) {
			t.Errorf("%s: answered %v", what, err)
		}
	}
	other := newFixture(t, open, nil)
	task := f.newTask(0, "mine", "")
	if _, err := s.Task(ctx, other.workspace, task); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("a task was answered to another workspace: %v", err)
	}
	if list, err := s.WorkspacesOf(ctx, none); len(list) != 0 || err != nil {
		t.Errorf("nobody is in %v, %v", list, err)
	}
}

func refused(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	before, head := lines(t, f.store, f.workspace), f.head()
	boom := errors.New("refused")
	task := ids.New()
	_, err := f.store.Do(t.Context(), f.workspace, func(tx command.Tx) error {
		err := tx.Append(command.New{
			Entity: task, Scope: f.project, Type: event.TaskCreated, Actor: f.owner.User,
			Data: &event.TaskData{Project: f.project, Column: f.columns[0].ID, Number: 1, Title: "never", Position: "a0", State: event.Live},
		})
		if err != nil {
			return err
		}
		if got, err := tx.Task(task, true); got == nil || got.Title != "never" || tx.Head() != head+1 {
			t.Errorf("the command does not see its own task: %v, %v, head %d", got, err, tx.Head())
		}
		if last, err := tx.LastPosition(f.project, f.columns[0].ID); last != "a0" || err != nil {
			t.Errorf("the command sees %q as the last position, %v", last, err)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("the refusal was answered %v", err)
	}
	_, err = f.store.Do(t.Context(), ids.New(), func(tx command.Tx) error {
		if frame, err := tx.Frame(); frame != nil || err != nil {
			t.Errorf("no workspace has the frame %v, %v", frame, err)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("the refusal was answered %v", err)
	}
	commit, err := f.store.Do(t.Context(), f.workspace, func(command.Tx) error { return nil })
	if err != nil || commit.Last != head || len(commit.Events)+len(commit.Rows) != 0 {
		t.Errorf("a commit of nothing is %+v, %v", commit, err)
	}
	if after := lines(t, f.store, f.workspace); !slices.Equal(after, before) {
		t.Errorf("rows changed from\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	f.newTask(0, "goes on", "")
	if f.head() != head+1 {
		t.Errorf("the next command got seq %d, want %d", f.head(), head+1)
	}
}

func commitsInOrder(t *testing.T, open Open) {
	var mu sync.Mutex
	var told []readmodel.Commit
	f := newFixture(t, open, func(c readmodel.Commit) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, c)
	})
	for i := range 10 {
		f.newTask(i%3, name(i), "")
	}
	mu.Lock()
	defer mu.Unlock()
	next := uint64(1)
	for _, c := range told {
		if c.Workspace != f.workspace || c.First != next || c.Last != c.First+uint64(len(c.Events))-1 {
			t.Fatalf("told of %d to %d with %d events, want it to go on at %d", c.First, c.Last, len(c.Events), next)
		}
		for i, e := range c.Events {
			if e.Seq != c.First+uint64(i) || e.Stream != f.workspace || e.ID.IsZero() || !e.At.Equal(f.clock.Now()) {
				t.Errorf("event %+v", e)
			}
		}
		if len(c.Rows) == 0 {
			t.Errorf("the commit of %d has no rows", c.First)
		}
		next = c.Last + 1
	}
	if next != f.head()+1 {
		t.Errorf("told up to %d, the head is %d", next-1, f.head())
	}
}

func pages(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	want := map[ids.ID]bool{}
	for i := range 23 {
		want[f.newTask(i%3, name(i), "")] = true
	}
	for _, q := range []readmodel.TaskQuery{{Limit: 5}, {Limit: 23}, {Limit: 24}, {Limit: 3, Column: f.columns[1].ID}} {
		q.Project, q.State = f.project, event.Live
		seen := map[ids.ID]bool{}
		var last readmodel.TaskCursor
		for {
			page, err := f.store.Tasks(t.Context(), f.workspace, q)
			must(t, err)
			for _, row := range page.Rows {
				task, err := readmodel.DecodeTask(row, nil)
				must(t, err)
				if seen[task.ID] || !want[task.ID] {
					t.Errorf("%s came twice or is not one of them", task.Title)
				}
				if !q.Column.IsZero() && task.Column != q.Column {
					t.Errorf("%s is of another column", task.Title)
				}
				here := readmodel.TaskCursor{Column: task.Column, Position: task.Position, ID: task.ID}
				if slices.Compare(here.Column[:], last.Column[:]) < 0 || here.Column == last.Column && here.Position < last.Position {
					t.Errorf("%s is out of order", task.Title)
				}
				seen[task.ID], last = true, here
			}
			if page.Next == nil {
				break
			}
			if len(page.Rows) != q.Limit {
				t.Errorf("a page that is not the last has %d rows, want %d", len(page.Rows), q.Limit)
			}
			q.After = *page.Next
		}
		if wanted := 23; q.Column.IsZero() && len(seen) != wanted || !q.Column.IsZero() && len(seen) != 8 {
			t.Errorf("%+v gave %d tasks", q, len(seen))
		}
	}
	counts, err := f.store.Counts(t.Context(), f.workspace, f.project)
	must(t, err)
	if counts[f.columns[0].ID] != 8 || counts[f.columns[1].ID] != 8 || counts[f.columns[2].ID] != 7 || len(counts) != 3 {
		t.Errorf("counts are %v", counts)
	}
}

func rowsOfOneSeq(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	task := f.newTask(0, "moves", "")
	for range 5 {
		f.comment(task, "a word")
	}
	other, since := f.newProject("Two"), f.head()
	_, err := f.commands.ChangeTask(t.Context(), f.owner, command.ChangeTask{Workspace: f.workspace, ID: task, Project: &other})
	must(t, err)
	f.newTask(0, "later", "")
	rows, reaches, err := f.store.Changes(t.Context(), f.workspace, since, f.head(), everything, 2)
	must(t, err)
	if len(rows) != 6 || reaches != since+1 {
		t.Fatalf("%d rows up to %d, want the task with its 5 comments up to %d", len(rows), reaches, since+1)
	}
	for _, r := range rows {
		if r.Seq != since+1 || r.Scope != other || r.Removed {
			t.Errorf("row %+v", r)
		}
	}
	rows, reaches, err = f.store.Changes(t.Context(), f.workspace, reaches, f.head(), everything, 2)
	if err != nil || len(rows) != 1 || reaches != f.head() {
		t.Errorf("then %d rows up to %d, %v", len(rows), reaches, err)
	}
}

func lostSight(t *testing.T, open Open) {
	var last readmodel.Commit
	f := newFixture(t, open, func(c readmodel.Commit) { last = c })
	guest := readmodel.Access{Projects: []ids.ID{f.project}}
	task, gone := f.newTask(0, "moves", ""), f.newTask(0, "goes", "")
	f.comment(task, "stays with it")
	other, since := f.newProject("Two"), f.head()
	move := func(to ids.ID) {
		t.Helper()
		_, err := f.commands.ChangeTask(t.Context(), f.owner, command.ChangeTask{Workspace: f.workspace, ID: task, Project: &to})
		must(t, err)
	}
	sees := func(access readmodel.Access, want ...string) {
		t.Helper()
		rows, reaches, err := f.store.Changes(t.Context(), f.workspace, since, f.head(), access, 100)
		must(t, err)
		var got []string
		for _, r := range rows {
			if r.Kind == readmodel.KindTask {
				got = append(got, map[ids.ID]string{task: "moves", gone: "goes"}[r.ID]+map[bool]string{true: " removed"}[r.Removed])
			}
		}
		if !slices.Equal(got, want) || reaches != f.head() {
			t.Errorf("sees %q up to %d, want %q up to %d", got, reaches, want, f.head())
		}
	}
	move(other)
	sees(guest, "moves removed")
	sees(everything, "moves")
	if r := last.Rows[0]; r.ID != task || r.Scope != other || r.Was != f.project {
		t.Errorf("the commit tells of %+v", r)
	}
	move(f.project)
	sees(guest, "moves")
	_, err := f.commands.TrashTask(t.Context(), f.owner, command.TrashTask{Workspace: f.workspace, ID: gone})
	must(t, err)
	_, err = f.commands.PurgeTask(t.Context(), f.owner, command.PurgeTask{Workspace: f.workspace, ID: gone})
	must(t, err)
	sees(guest, "moves", "goes removed")
	sees(readmodel.Access{Projects: []ids.ID{other}}, "moves removed")
	_, err = f.store.Do(t.Context(), f.workspace, func(tx command.Tx) error {
		if taken, err := tx.Taken(gone); !taken || err != nil {
			t.Errorf("the id of a purged task is free again: %v", err)
		}
		return nil
	})
	must(t, err)
}

func search(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	one := f.newTask(0, "Crème brûlée", "with 日本語 and vanilla")
	f.newTask(1, "Release notes", "for version 2.10")
	two := f.newTask(0, "Vanilla pods", "")
	f.comment(two, "from Madagascar")
	find := func(query string, want ...string) {
		t.Helper()
		cards, _, err := f.store.Search(t.Context(), f.workspace, words.Query(query), everything, readmodel.SearchCursor{}, 10)
		must(t, err)
		if got := titles(t, cards); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	find("VANIL", "Vanilla pods", "Crème brûlée")
	find("creme van", "Crème brûlée")
	find("本", "Crème brûlée")
	find("madag", "Vanilla pods")
	find("10 notes", "Release notes")
	find("nothing")
	find("")
	_, err := f.commands.ChangeTask(t.Context(), f.owner, command.ChangeTask{Workspace: f.workspace, ID: one, Title: ptr("Flan")})
	must(t, err)
	find("brulee")
	find("flan", "Flan")
	find("vanilla", "Flan", "Vanilla pods")
	_, err = f.commands.ArchiveTask(t.Context(), f.owner, command.ArchiveTask{Workspace: f.workspace, ID: one})
	must(t, err)
	find("flan")
	other := newFixture(t, open, nil)
	if cards, _, err := other.store.Search(t.Context(), other.workspace, []string{"vanilla"}, everything, readmodel.SearchCursor{}, 10); len(cards) != 0 || err != nil {
		t.Errorf("another workspace finds %d, %v", len(cards), err)
	}
	var all []string
	var at readmodel.SearchCursor
	for {
		cards, next, err := f.store.Search(t.Context(), f.workspace, []string{"v"}, everything, at, 1)
		must(t, err)
		all = append(all, titles(t, cards)...)
		if next == nil {
			break
		}
		at = *next
	}
	if !slices.Equal(all, []string{"Vanilla pods", "Release notes"}) {
		t.Errorf("page by page: %q", all)
	}
}

func concurrent(t *testing.T, open Open) {
	const writers, each = 8, 20
	f := newFixture(t, open, nil)
	before := f.head()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range each {
				r, err := f.commands.CreateTask(t.Context(), f.owner, command.CreateTask{
					Workspace: f.workspace, Project: f.project, Column: f.columns[i%3].ID, Title: "at once",
				})
				if err != nil {
					t.Error(err)
					return
				}
				row, err := f.store.Task(t.Context(), f.workspace, r.ID)
				if err != nil || row.Seq != r.Seq {
					t.Errorf("reading what was written: seq %d, %v; want %d", row.Seq, err, r.Seq)
				}
				if seq, err := f.store.ProjectSeq(t.Context(), f.workspace, f.project); err != nil || seq < r.Seq {
					t.Errorf("the project is at %d, %v, after %d was written", seq, err, r.Seq)
				}
			}
		})
	}
	wg.Wait()
	if got := f.head() - before; got != writers*each {
		t.Errorf("%d events, want %d", got, writers*each)
	}
	numbers := map[uint64]bool{}
	rows, _, err := f.store.ProjectRows(t.Context(), f.workspace, f.project, ids.Nil, 1000)
	must(t, err)
	for _, r := range rows {
		task, err := readmodel.DecodeTask(r.JSON, nil)
		must(t, err)
		numbers[task.Number] = true
	}
	if len(numbers) != writers*each || !numbers[1] || !numbers[writers*each] {
		t.Errorf("%d different numbers, want 1 to %d", len(numbers), writers*each)
	}
}

func huge(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	text := strings.Repeat("Grüße \"x\" <b> 世界 ", 5_000)
	task := f.newTask(0, strings.Repeat("é", 500), text[:90_000])
	row, err := f.store.Task(t.Context(), f.workspace, task)
	must(t, err)
	got, err := readmodel.DecodeTask(row.Card, row.Detail)
	must(t, err)
	if got.Title != strings.Repeat("é", 500) || !strings.HasPrefix(text, got.Detail.Description) || len(got.Detail.Description) < 80_000 {
		t.Errorf("came back with %d bytes of title and %d of description", len(got.Title), len(got.Detail.Description))
	}
}

func cancelled(t *testing.T, open Open) {
	f := newFixture(t, open, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.store.Do(ctx, f.workspace, func(command.Tx) error {
		t.Error("it ran")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("answered %v", err)
	}
}
