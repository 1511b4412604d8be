package sqlite_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/sqlite"
)

// Whoever changes a task sees the change in what they read next, alone and in
// lists, however many others read the same task at the same time. The small
// memory makes rows come and go.
func TestRowsInMemoryAreNeverOlderThanAnAnsweredChange(t *testing.T) {
	t.Parallel()
	for _, bytesOfRows := range []int64{0, 2000} {
		o := openWith(t, sqlitedb.Options{}, sqlite.Options{RowBytes: bytesOfRows})
		owner := command.Actor{User: ids.New()}
		commands := command.NewService(o, clock.System{})
		workspace, project := newTeam(t, commands, owner)
		tasks := make([]ids.ID, 4)
		for i := range tasks {
			r, err := commands.CreateTask(t.Context(), owner, command.CreateTask{Workspace: workspace, Project: project, Title: "start"})
			if err != nil {
				t.Fatal(err)
			}
			tasks[i] = r.ID
		}
		list := readmodel.TaskQuery{Project: project, State: event.Live, Limit: 10}
		ended := make(chan struct{})
		var readers, writers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-ended:
						return
					default:
					}
					if _, err := o.Task(t.Context(), workspace, tasks[i%len(tasks)]); err != nil {
						t.Error(err)
						return
					}
					if _, err := o.Tasks(t.Context(), workspace, list); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for n, id := range tasks {
			writers.Go(func() {
				for i := range 25 {
					title := fmt.Sprintf("title %d of task %d", i, n)
					r, err := commands.ChangeTask(t.Context(), owner, command.ChangeTask{Workspace: workspace, ID: id, Title: &title})
					if err != nil {
						t.Error(err)
						return
					}
					row, err := o.Task(t.Context(), workspace, id)
					if err != nil || row.Seq != r.Seq || !bytes.Contains(row.Card, []byte(title)) {
						t.Errorf("seq is %d, %v, after %d was written: %s", row.Seq, err, r.Seq, row.Card)
					}
					page, err := o.Tasks(t.Context(), workspace, list)
					if err != nil || !bytes.Contains(bytes.Join(page.Rows, nil), []byte(title)) {
						t.Errorf("the list is without %q: %v", title, err)
					}
				}
			})
		}
		writers.Wait()
		close(ended)
		readers.Wait()

		// What is gone is gone, and its neighbour in another workspace was never there.
		if _, err := commands.TrashTask(t.Context(), owner, command.TrashTask{Workspace: workspace, ID: tasks[0]}); err != nil {
			t.Fatal(err)
		}
		if _, err := commands.PurgeTask(t.Context(), owner, command.PurgeTask{Workspace: workspace, ID: tasks[0]}); err != nil {
			t.Fatal(err)
		}
		if row, err := o.Task(t.Context(), workspace, tasks[0]); err == nil {
			t.Errorf("a purged task is answered: %s", row.Card)
		}
		other, _ := newTeam(t, commands, owner)
		if _, err := o.Task(t.Context(), workspace, tasks[1]); err != nil {
			t.Error(err)
		}
		if row, err := o.Task(t.Context(), other, tasks[1]); err == nil {
			t.Errorf("another workspace shows the task: %s", row.Card)
		}
	}
}
