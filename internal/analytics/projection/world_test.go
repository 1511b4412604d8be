package projection_test

import (
	"time"

	"pgregory.net/rapid"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// world makes up the events of a workspace, and keeps apart what they come to.
type world struct {
	t         rapid.TB
	workspace ids.ID
	users     []ids.ID
	projects  []ids.ID
	columns   map[ids.ID][]ids.ID
	category  map[ids.ID]event.Category
	tasks     []*tracked
	now       time.Time
	events    []eventlog.Event
	oracle    *oracle
}

type tracked struct {
	id, project, column         ids.ID
	assignees                   []ids.ID
	state                       event.Lifecycle
	created, started, completed time.Time
	gone                        bool
}

var categories = []event.Category{event.Backlog, event.Open, event.Active, event.Done, event.Cancelled}

func newWorld(t rapid.TB, users []ids.ID) *world {
	w := &world{
		t: t, workspace: ids.New(), users: users, columns: map[ids.ID][]ids.ID{}, category: map[ids.ID]event.Category{},
		now: time.Date(2026, 1, 30, 21, 0, 0, 0, time.UTC), oracle: newOracle(),
	}
	w.add(event.WorkspaceCreated, users[0], w.workspace, ids.Nil, &event.WorkspaceData{Name: "W"}, "")
	for i, u := range users {
		m := &event.MemberData{User: u, Role: event.Member, Kind: event.Person}
		if i == 0 {
			m.Role = event.Owner
		}
		w.add(event.MemberAdded, users[0], u, ids.Nil, m, "")
	}
	for range 2 {
		p := ids.New()
		d := &event.ProjectData{Name: "P", Key: "P", Position: "a0", State: event.Live}
		for _, c := range categories {
			col := event.Column{ID: ids.New(), Category: c, Position: "a" + string(c)}
			d.Columns = append(d.Columns, col)
			w.columns[p] = append(w.columns[p], col.ID)
			w.category[col.ID] = c
		}
		w.projects = append(w.projects, p)
		w.add(event.ProjectCreated, users[0], p, p, d, "")
	}
	return w
}

// add records an event.
func (w *world) add(typ event.Type, actor, entity, scope ids.ID, p event.Payload, cause string) {
	data, version, err := event.Encode(typ, p)
	if err != nil {
		w.t.Fatalf("encode %s: %v", typ, err)
	}
	w.events = append(w.events, eventlog.Event{
		ID: ids.New(), Stream: w.workspace, Seq: uint64(len(w.events)) + 1, Entity: entity, Scope: scope,
		Type: string(typ), Version: version, Actor: actor, At: w.now, Cause: cause, Data: data,
	})
	if cause == "" {
		w.oracle.acted(actor, scope, w.now)
	}
}

// step makes up one event, out of what draw answers: a number below n.
func (w *world) step(draw func(n int) int) {
	w.now = w.now.Add(time.Duration(draw(40*3600*1000)) * time.Millisecond)
	actor := w.users[draw(len(w.users))]
	what := draw(12)
	if len(w.tasks) < 3 {
		what = 0
	}
	switch what {
	case 0, 1:
		w.create(draw, actor)
		return
	case 2:
		w.recategorise(draw, actor)
		return
	}
	task := w.tasks[draw(len(w.tasks))]
	if task.gone {
		w.create(draw, actor)
		return
	}
	switch what {
	case 3, 4, 5, 6, 7:
		w.move(draw, actor, task)
	case 8:
		w.change(actor, task, event.TaskArchived, &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: task.state, To: event.Archived}})
	case 9:
		w.change(actor, task, event.TaskTrashed, &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: task.state, To: event.Trashed}})
	case 10:
		if draw(4) == 0 {
			w.change(actor, task, event.TaskPurged, nil)
			return
		}
		w.change(actor, task, event.TaskRestored, &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: task.state, To: event.Live}})
	case 11:
		w.change(actor, task, event.TaskChanged, &event.TaskPatch{Assignees: &event.Change[[]ids.ID]{From: task.assignees, To: w.some(draw)}})
	}
}

func (w *world) some(draw func(int) int) []ids.ID {
	return w.users[:draw(len(w.users)+1)]
}

func (w *world) create(draw func(int) int, actor ids.ID) {
	p := w.projects[draw(2)]
	c := w.columns[p][draw(len(categories))]
	d := &event.TaskData{Project: p, Column: c, Title: "T", Priority: event.NoPriority, Position: "a0", State: event.Live, Assignees: w.some(draw)}
	t := &tracked{id: ids.New(), project: p, column: c, state: event.Live, created: w.now, assignees: d.Assignees}
	cause := ""
	if draw(4) == 0 {
		cause = "import:" + ids.New().String()
		at := w.now.Add(-time.Duration(draw(1000)) * time.Hour)
		d.Created, t.created = &at, at
	}
	if w.category[c] == event.Done {
		at := t.created.Add(time.Duration(draw(100)) * time.Minute)
		d.Completed, t.completed = &at, at
	}
	if cause == "" && w.category[c] == event.Active {
		t.started = t.created
	}
	w.add(event.TaskCreated, actor, t.id, p, d, cause)
	w.tasks = append(w.tasks, t)
	o := w.oracle
	o.count("created", t.created, 1, t)
	at := t.created
	if !t.completed.IsZero() {
		at = t.completed
		o.count("completed", at, t.completed.Sub(t.created).Seconds(), t)
		if !t.started.IsZero() {
			o.count("cycle", at, t.completed.Sub(t.started).Seconds(), t)
		}
	}
	o.flow(at, t.column, 1)
}

func (t *tracked) counted() bool {
	return !t.gone && (t.state == event.Live || t.state == event.Archived && !t.completed.IsZero())
}

func (w *world) move(draw func(int) int, actor ids.ID, t *tracked) {
	p := t.project
	if draw(4) == 0 {
		p = w.projects[draw(2)]
	}
	patch := &event.TaskPatch{Column: &event.Change[ids.ID]{From: t.column, To: w.columns[p][draw(len(categories))]}}
	if p != t.project {
		patch.Project = &event.Change[ids.ID]{From: t.project, To: p}
	}
	done := w.category[patch.Column.To] == event.Done
	switch at := w.now; {
	case done && t.completed.IsZero():
		patch.Completed = &event.Change[*time.Time]{To: &at}
	case !done && !t.completed.IsZero():
		was := t.completed
		patch.Completed = &event.Change[*time.Time]{From: &was}
	}
	w.change(actor, t, event.TaskMoved, patch)
}

// change records an event of a task; without a patch the task is purged.
func (w *world) change(actor ids.ID, t *tracked, typ event.Type, p *event.TaskPatch) {
	was := *t
	if p == nil {
		w.add(typ, actor, t.id, t.project, &event.TaskGone{Project: t.project, Title: "T"}, "")
		t.gone = true
	} else {
		if p.Project != nil {
			t.project = p.Project.To
		}
		w.add(typ, actor, t.id, t.project, p, "")
		if p.Column != nil {
			t.column = p.Column.To
			if t.started.IsZero() && w.category[t.column] == event.Active {
				t.started = w.now
			}
		}
		if p.State != nil {
			t.state = p.State.To
		}
		if p.Assignees != nil {
			t.assignees = p.Assignees.To
		}
		if p.Completed != nil && p.Completed.To != nil {
			t.completed = *p.Completed.To
			w.oracle.count("completed", w.now, t.completed.Sub(t.created).Seconds(), t)
			if !t.started.IsZero() {
				w.oracle.count("cycle", w.now, t.completed.Sub(t.started).Seconds(), t)
			}
		} else if p.Completed != nil {
			t.completed = time.Time{}
			w.oracle.count("reopened", w.now, 1, t)
		}
	}
	if was.counted() {
		w.oracle.flow(w.now, was.column, -1)
	}
	if t.counted() {
		w.oracle.flow(w.now, t.column, 1)
	}
}

func (w *world) recategorise(draw func(int) int, actor ids.ID) {
	p := w.projects[draw(2)]
	c := w.columns[p][draw(3)] // among those of open work
	next := categories[draw(3)]
	w.add(event.ColumnChanged, actor, p, p, &event.ColumnPatch{ID: c, Category: &event.Change[event.Category]{From: w.category[c], To: next}}, "")
	w.category[c] = next
}

func people(n int) []ids.ID {
	out := make([]ids.ID, n)
	for i := range out {
		out[i] = ids.New()
	}
	return out
}
