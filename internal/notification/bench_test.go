package notification_test

import (
	"fmt"
	"testing"
	"time"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// BenchmarkEvents handles a log of many workspaces on SQLite from the
// beginning: of a hundred events ten make tasks, five assign, ten comment and
// the rest move and change.
func BenchmarkEvents(b *testing.B) {
	const workspaces, each = 20, 2000
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b, onSQLite(b))
		for i := range workspaces {
			id := ids.Derive(workspace, "workspace", fmt.Sprint(i))
			_, err := w.log.Append(b.Context(), eventlog.Workspace, id, 0, benchEvents(id, each))
			w.must(err)
		}
		b.StartTimer()
		began := time.Now()
		w.must(w.module.CatchUp(b.Context()))
		b.ReportMetric(float64(workspaces*each)/time.Since(began).Seconds(), "events/s")
	}
}

// benchEvents makes the events of a workspace.
func benchEvents(workspace ids.ID, n int) []eventlog.Event {
	var out []eventlog.Event
	add := func(t event.Type, entity ids.ID, p event.Payload) {
		data, version, err := event.Encode(t, p)
		if err != nil {
			panic(err)
		}
		out = append(out, eventlog.Event{ID: ids.New(), Entity: entity, Type: string(t), Version: version, Actor: ann, At: began, Data: data})
	}
	task := func(i int) ids.ID { return ids.Derive(workspace, "task", fmt.Sprint(i)) }
	add(event.WorkspaceCreated, workspace, &event.WorkspaceData{Name: "W"})
	for _, u := range []ids.ID{ann, bob, cal} {
		add(event.MemberAdded, u, &event.MemberData{User: u, Role: event.Member, Kind: event.Person})
	}
	add(event.ProjectCreated, project, &event.ProjectData{Name: "P", Key: "P", State: event.Live})
	tasks := 0
	for i := len(out); i < n; i++ {
		at := task(i * 7 % max(tasks, 1))
		switch k := i % 100; {
		case k < 10 || tasks == 0:
			at = task(tasks)
			tasks++
			add(event.TaskCreated, at, &event.TaskData{Project: project, Title: "A task of the usual length", Number: uint64(tasks), State: event.Live, Due: "2026-04-01"})
		case k < 15:
			add(event.TaskChanged, at, &event.TaskPatch{Assignees: to([]ids.ID{bob, cal})})
		case k < 25:
			add(event.CommentAdded, at, &event.CommentData{Comment: event.Comment{ID: ids.New(), Text: "A comment of the usual length, about this and that.", Author: ann, At: began}})
		case k < 70:
			add(event.TaskMoved, at, &event.TaskPatch{Column: to(ids.New()), Position: to("a1")})
		default:
			add(event.TaskChanged, at, &event.TaskPatch{Title: to("Another title")})
		}
	}
	return out
}
