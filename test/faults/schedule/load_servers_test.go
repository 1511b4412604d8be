//go:build servers

package schedule_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/platform/repeat"
	"headway/test/faults/schedule"
)

const (
	clients = 6
	// pool is how many tasks the clients work on at a time, together.
	pool = 5
	// answerWithin is when a client gives a request up.
	answerWithin = 3 * time.Second
	// usual is how long anything may take to come right by itself. It is far
	// above what is wanted, for slow machines; the figures are printed.
	usual = 60 * time.Second
)

// password is everybody's.
const password = "a long pass phrase 42"

// note is a comment that was made, or a task that was given to somebody.
type note struct {
	task   string
	author int // of people
}

// load is what clients do in a workspace of two people.
type load struct {
	doors     []string
	patience  time.Duration
	began     time.Time
	workspace string
	project   string
	columns   []string
	people    [2]*person
	inboxes   []string // where those are asked for
	history   schedule.History

	mu       sync.Mutex
	tasks    []string        // that were answered, the oldest first
	created  map[string]note // tasks; each is given to the other person
	comments map[string]note
	strange  []string
}

func (l *load) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.strange = append(l.strange, fmt.Sprintf(format, args...))
}

// found notes what is wrong, a sentence each.
func (l *load) found(problems []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.strange = append(l.strange, problems...)
}

// finds reports whether anything is wrong so far.
func (l *load) finds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.strange) > 0
}

// client is one of those who do it.
type client struct {
	*load
	n     int
	who   int // of people
	doors []string
	at    int // the one of them that it comes to
	stay  bool
	http  *http.Client
	seq   uint64 // the newest that it was answered
}

func (l *load) client(n, who, door int, stay bool) *client {
	return &client{load: l, n: n, who: who, doors: l.doors, at: door, stay: stay, http: &http.Client{Timeout: answerWithin, Transport: &http.Transport{}}}
}

// answer is what came of a request; err says that no whole one did.
type answer struct {
	status int
	head   uint64
	body   []byte
	err    error
}

func (c *client) ask(ctx context.Context, method, path string, body any, headers ...string) (a answer) {
	var data []byte
	if body != nil {
		if data, a.err = json.Marshal(body); a.err != nil {
			return a
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+c.doors[c.at]+"/api/v1"+path, bytes.NewReader(data))
	if err != nil {
		return answer{err: err}
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	token := c.people[c.who].bearer()
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	a.status = res.StatusCode
	a.head, _ = strconv.ParseUint(res.Header.Get("Headway-Seq"), 10, 64) // 0 where there is none
	a.body, a.err = io.ReadAll(res.Body)
	if a.status == http.StatusUnauthorized && token != "" {
		c.people[c.who].renew(ctx, c.http, c.load.doors[c.at], token)
		a.err = errRefused
	}
	return a
}

// row is a task, or a comment, as it is answered.
type row struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Column   string `json:"column"`
	Comments int    `json:"comments"`
	Seq      uint64 `json:"seq"`
}

// once does an operation once. It is not answered where the door is away or
// says that it cannot now; anything else that is no success is strange.
func (c *client) once(ctx context.Context, op *schedule.Op, method, path string, body any, headers ...string) {
	a := c.ask(ctx, method, path, body, headers...)
	op.Returned = time.Since(c.began)
	var r row
	switch {
	case a.err != nil, a.status >= 500, a.status == http.StatusConflict:
		if !c.stay {
			c.at = (c.at + 1) % len(c.doors)
		}
		return
	case op.Kind == schedule.Read && a.status == http.StatusNotFound:
		op.Answered, op.Row = true, schedule.Row{Absent: true}
		return
	case a.status != http.StatusOK && a.status != http.StatusCreated:
		c.note("client %d: %s of task %s answered %d: %.300s", c.n, op.Kind, op.Task, a.status, a.body)
		return
	}
	if err := json.Unmarshal(a.body, &r); err != nil || r.ID == "" || r.Seq == 0 || op.Kind != schedule.Read && a.head == 0 {
		c.note("client %d: %s of task %s answered %.300s", c.n, op.Kind, op.Task, a.body)
		return
	}
	op.Answered, op.Head = true, a.head
	c.seq = max(c.seq, op.Head, r.Seq)
	shown := schedule.Row{Title: r.Title, Column: r.Column, Comments: r.Comments, Seq: r.Seq}
	switch op.Kind {
	case schedule.Read:
		op.Row = shown
	case schedule.Create:
		op.Row = schedule.Row{Column: r.Column, Seq: r.Seq}
	case schedule.Comment:
		op.Row = schedule.Row{Seq: r.Seq}
	default: // the answer shows the task as it is by now
		op.Row = schedule.Row{Seq: op.Head}
		look := *op
		look.Kind, look.Value, look.Row = schedule.Read, "", shown
		c.history.Add(look)
		if op.Kind == schedule.Rename && r.Seq < op.Head {
			c.note("client %d: a rename of task %s has seq %d, and its answer shows seq %d", c.n, op.Task, op.Head, r.Seq)
		}
	}
}

// insist does an operation until it is answered: its id makes that safe.
func (c *client) insist(ctx context.Context, op *schedule.Op, path string, body any) {
	for ctx.Err() == nil {
		if c.once(ctx, op, http.MethodPost, path, body); op.Answered {
			break
		}
		repeat.Pause(ctx, 50*time.Millisecond)
	}
	c.history.Add(*op)
}

func (c *client) op(kind schedule.Kind, task, value string) *schedule.Op {
	return &schedule.Op{Client: c.n, Task: task, Kind: kind, Value: value, Invoked: time.Since(c.began)}
}

func (c *client) path() string { return "/workspaces/" + c.workspace + "/tasks" }

// create makes a task that is given to the other person.
func (c *client) create(ctx context.Context) {
	id := ids.New().String()
	op := c.op(schedule.Create, id, "made by client "+strconv.Itoa(c.n)+" "+id[24:])
	c.mu.Lock()
	c.created[id] = note{id, c.who}
	c.mu.Unlock()
	c.insist(ctx, op, c.path(), map[string]any{"id": id, "project": c.project, "title": op.Value, "assignees": []string{c.people[1-c.who].id}})
	if op.Answered {
		c.mu.Lock()
		c.tasks = append(c.tasks, id)
		c.mu.Unlock()
	}
}

// comment comments on a task.
func (c *client) comment(ctx context.Context, task string) {
	id := ids.New().String()
	c.mu.Lock()
	c.comments[id] = note{task, c.who}
	c.mu.Unlock()
	c.insist(ctx, c.op(schedule.Comment, task, id), c.path()+"/"+task+"/comments", map[string]any{"id": id, "text": "Noted."})
}

// change writes one field of a task, once.
func (c *client) change(ctx context.Context, kind schedule.Kind, task, field, value string) {
	op := c.op(kind, task, value)
	c.once(ctx, op, http.MethodPatch, c.path()+"/"+task, map[string]any{field: value})
	c.history.Add(*op)
}

// read reads a task: as it is, or as it is at least where the client's own
// newest write is there.
func (c *client) read(ctx context.Context, task string, seq uint64) bool {
	op := c.op(schedule.Read, task, "")
	c.once(ctx, op, http.MethodGet, c.path()+"/"+task, nil, "Headway-Min-Seq", strconv.FormatUint(seq, 10))
	c.history.Add(*op)
	return op.Answered
}

// run does one thing after the other until it is told to stop, and comes to
// the end of what it is at.
func (c *client) run(ctx context.Context, stop *atomic.Bool) {
	defer c.http.CloseIdleConnections()
	for n := 0; !stop.Load() && ctx.Err() == nil; n++ {
		c.mu.Lock()
		recent := slices.Clone(c.tasks[max(0, len(c.tasks)-pool):])
		c.mu.Unlock()
		what := rand.IntN(100)
		if len(recent) < 3 || what < 15 {
			c.create(ctx)
			continue
		}
		task := recent[rand.IntN(len(recent))]
		switch {
		case what < 40:
			c.change(ctx, schedule.Rename, task, "title", fmt.Sprintf("renamed by client %d, %d", c.n, n))
		case what < 55:
			c.change(ctx, schedule.Move, task, "column", c.columns[rand.IntN(len(c.columns))])
		case what < 70:
			c.comment(ctx, task)
		case what < 85:
			c.read(ctx, task, 0)
		default:
			c.read(ctx, task, c.seq)
		}
		repeat.Pause(ctx, 20*time.Millisecond)
	}
}

// newLoad registers two people and makes what they work on, before any fault.
func newLoad(t *testing.T, doors []string) *load {
	t.Helper()
	l := &load{doors: doors, people: [2]*person{{}, {}}, began: time.Now(), created: map[string]note{}, comments: map[string]note{}}
	must := func(who int, method, path string, body any, into any) {
		t.Helper()
		c := l.client(-1, who, 0, true)
		c.http.Timeout = usual
		defer c.http.CloseIdleConnections()
		a := c.ask(t.Context(), method, path, body)
		if a.err != nil || a.status/100 != 2 {
			t.Fatalf("%s %s: %d %.300s %v", method, path, a.status, a.body, a.err)
		}
		if err := json.Unmarshal(a.body, into); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"Ada", "Bob"} {
		email := name + "@example.org"
		must(i, http.MethodPost, "/auth/register", map[string]any{"email": email, "name": name, "password": password}, &struct{}{})
		l.people[i].email = email
		if c := l.client(-1, i, 0, true); !l.people[i].signIn(t.Context(), c.http, doors[0]) {
			t.Fatalf("%s cannot sign in", name)
		}
		var me struct{ ID string }
		must(i, http.MethodGet, "/auth/me", nil, &me)
		l.people[i].id = me.ID
	}
	var made struct {
		ID      string
		Columns []struct{ ID string }
	}
	must(0, http.MethodPost, "/workspaces", map[string]any{"name": "Faults"}, &made)
	l.workspace = made.ID
	must(0, http.MethodPost, "/workspaces/"+l.workspace+"/projects", map[string]any{"name": "Writes", "key": "FAULT"}, &made)
	l.project = made.ID
	for _, c := range made.Columns {
		l.columns = append(l.columns, c.ID)
	}
	var invitation struct{ Token string }
	must(0, http.MethodPost, "/workspaces/"+l.workspace+"/invitations", map[string]any{"role": "member"}, &invitation)
	must(1, http.MethodPost, "/invitations/accept", map[string]any{"token": invitation.Token}, &struct{}{})
	return l
}
