package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"testing"

	"headway/internal/platform/ids"
	"headway/internal/task/api"
)

// replica is a client's copy of a workspace, folded from sync pages as the
// document of the operation says.
type replica struct {
	seq  uint64
	rows map[string]json.RawMessage // by kind and id
}

func newReplica() *replica { return &replica{rows: map[string]json.RawMessage{}} }

// scopes reads what a row belongs to, to cascade removals.
type rowParts struct{ ID, User, Project, Task string }

func (r *replica) fold(page api.Sync, raw map[string]json.RawMessage) {
	if page.Fresh {
		clear(r.rows)
	}
	for _, gone := range page.Removed {
		delete(r.rows, gone.Kind+gone.ID)
		for key, row := range r.rows {
			var p rowParts
			_ = json.Unmarshal(row, &p)
			if gone.Kind == "project" && p.Project == gone.ID || gone.Kind == "task" && p.Task == gone.ID {
				delete(r.rows, key)
			}
		}
	}
	put := func(kind string, row json.RawMessage) {
		var p rowParts
		_ = json.Unmarshal(row, &p)
		r.rows[kind+p.ID+p.User] = row
	}
	if string(raw["workspace"]) != "null" {
		put("workspace", raw["workspace"])
	}
	for kind, name := range map[string]string{"member": "members", "project": "projects", "label": "labels", "task": "tasks", "comment": "comments"} {
		var rows []json.RawMessage
		_ = json.Unmarshal(raw[name], &rows)
		for _, row := range rows {
			put(kind, row)
		}
	}
	r.seq = page.Seq
}

// sync brings the replica up to date in pages of limit rows. between is called
// after each page, as the world may move on while a client reads.
func (r *replica) sync(w *world, user ids.ID, limit int, between func()) {
	w.t.Helper()
	path := w.in(fmt.Sprintf("/sync?since=%d&limit=%d", r.seq, limit))
	for range 1000 {
		var page api.Sync
		a := w.get(user, path).want(200).decode(&page)
		r.fold(page, peek[map[string]json.RawMessage](a))
		if !page.More {
			return
		}
		path = w.in(fmt.Sprintf("/sync?cursor=%s&limit=%d", *page.Next, limit))
		if between != nil {
			between()
		}
	}
	w.t.Fatal("the sync does not end")
}

// sees is what the user's lists show: what a replica must hold.
func (w *world) sees(user ids.ID) map[string]json.RawMessage {
	w.t.Helper()
	rows := map[string]json.RawMessage{}
	list := func(kind, path string) {
		for cursor := ""; ; {
			page := peek[struct {
				Items []json.RawMessage
				Next  *string
			}](w.get(user, path+cursor).want(200))
			for _, row := range page.Items {
				var p rowParts
				_ = json.Unmarshal(row, &p)
				rows[kind+p.ID+p.User] = row
			}
			if page.Next == nil {
				return
			}
			cursor = "&cursor=" + *page.Next
		}
	}
	rows["workspace"+w.workspace.String()] = w.get(user, w.in("")).want(200).body
	list("member", w.in("/members?"))
	list("project", w.in("/projects?"))
	list("label", w.in("/labels?"))
	for key, row := range rows {
		if key[:4] != "proj" {
			continue
		}
		var p rowParts
		_ = json.Unmarshal(row, &p)
		for _, state := range []string{"live", "archived", "trashed"} {
			list("task", w.in("/projects/"+p.ID+"/tasks?state="+state))
		}
	}
	for key, row := range rows {
		if key[:4] != "task" {
			continue
		}
		var p rowParts
		_ = json.Unmarshal(row, &p)
		list("comment", w.in("/tasks/"+p.ID+"/comments?"))
	}
	return rows
}

func compare(t testing.TB, what string, got, want map[string]json.RawMessage) {
	t.Helper()
	for key, row := range got {
		var m api.Member
		if _, listed := want[key]; !listed && json.Unmarshal(row, &m) == nil && m.Removed {
			continue // former members stay in a replica, marked
		}
		if _, ok := want[key]; !ok {
			t.Errorf("%s: the replica holds %s, which is not there: %s", what, key, row)
		}
	}
	for key, row := range want {
		if !sameJSON(got[key], row) {
			t.Errorf("%s: %s is\n%s in the replica, want\n%s", what, key, got[key], row)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

// TestSyncFolds drives random changes, also of what people may see, and holds
// everyone's replica, synced in small pages at random times, to what their
// lists show.
func TestSyncFolds(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 7)) // #nosec G404 -- a test's choices
			w := newWorld(t, s)
			a := newActivity(w, r)
			replicas := map[ids.ID]*replica{w.owner: newReplica(), w.member: newReplica(), w.guest: newReplica()}
			people := []ids.ID{w.owner, w.member, w.guest}
			for step := range 120 {
				a.change()
				if step%7 != 0 {
					continue
				}
				who := people[r.IntN(len(people))]
				replicas[who].sync(w, who, 1+r.IntN(12), func() {
					if r.IntN(4) == 0 {
						a.change()
					}
				})
			}
			for i, who := range people {
				replicas[who].sync(w, who, 1+r.IntN(12), nil)
				compare(t, fmt.Sprintf("seed %d, person %d", seed, i), replicas[who].rows, w.sees(who))
			}
		}
	})
}

// activity makes random changes as the owner.
type activity struct {
	w        *world
	r        *rand.Rand
	projects []ids.ID
	labels   []ids.ID
	n        int
}

func newActivity(w *world, r *rand.Rand) *activity {
	return &activity{w: w, r: r, projects: []ids.ID{w.open, w.closed}}
}

// tasks answers the tasks that are there, in any state.
func (a *activity) tasks() []api.Card {
	var all []api.Card
	for _, p := range a.projects {
		for _, state := range []string{"live", "archived", "trashed"} {
			all = append(all, peek[api.Page[api.Card]](a.w.get(a.w.owner, a.w.in("/projects/"+p.String()+"/tasks?limit=200&state="+state)).want(200)).Items...)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

// change does one thing. What the state of things does not allow is refused, which is fine.
func (a *activity) change() {
	w, r := a.w, a.r
	a.n++
	do := func(method, path, body string) *answer {
		got := w.call(w.owner, method, w.in(path), body)
		if got.status >= 500 || got.status == 400 {
			w.t.Fatalf("%s answered %d: %s", got.what, got.status, got.body)
		}
		return got
	}
	project := func() string { return a.projects[r.IntN(len(a.projects))].String() }
	tasks := a.tasks()
	if len(tasks) < 3 || r.IntN(5) == 0 {
		do("POST", "/tasks", fmt.Sprintf(`{"project":%q,"title":"Task %d"}`, project(), a.n))
		return
	}
	card := tasks[r.IntN(len(tasks))]
	at := "/tasks/" + card.ID
	switch r.IntN(16) {
	case 0:
		do("PATCH", at, fmt.Sprintf(`{"title":"Changed %d"}`, a.n))
	case 1, 2:
		do("PATCH", at, fmt.Sprintf(`{"project":%q}`, project()))
	case 3:
		do("DELETE", at, "")
	case 4:
		do("POST", at+"/restore", "")
	case 5:
		do("POST", at+"/archive", "")
	case 6:
		do("POST", at+"/purge", "")
	case 7, 8:
		do("POST", at+"/comments", fmt.Sprintf(`{"text":"Comment %d"}`, a.n))
	case 9:
		items := peek[api.Page[api.Comment]](do("GET", at+"/comments", "")).Items
		if len(items) > 0 {
			c := items[r.IntN(len(items))]
			if r.IntN(2) == 0 {
				do("DELETE", at+"/comments/"+c.ID, "")
			} else {
				do("PATCH", at+"/comments/"+c.ID, fmt.Sprintf(`{"text":"Edited %d"}`, a.n))
			}
		}
	case 10:
		if id := do("POST", "/labels", fmt.Sprintf(`{"name":"Label %d","color":"red"}`, a.n)); id.status == 201 {
			a.labels = append(a.labels, id.id())
		}
	case 11:
		if len(a.labels) > 0 {
			i := r.IntN(len(a.labels))
			do("DELETE", "/labels/"+a.labels[i].String(), "")
			a.labels = slices.Delete(a.labels, i, i+1)
		}
	case 12:
		if len(a.projects) < 5 {
			a.projects = append(a.projects, do("POST", "/projects", fmt.Sprintf(`{"name":"Project %d","key":"K%d"}`, a.n, a.n)).want(201).id())
		} else {
			do("PATCH", "/projects/"+project(), fmt.Sprintf(`{"description":"%d"}`, a.n))
		}
	case 13, 14: // what the guest may see
		granted := []string{}
		for _, p := range a.projects {
			if r.IntN(2) == 0 {
				granted = append(granted, p.String())
			}
		}
		body, _ := json.Marshal(map[string]any{"projects": granted})
		do("PATCH", "/members/"+w.guest.String(), string(body))
	case 15: // the guest becomes a member, or one again
		role := []string{"guest", "member"}[r.IntN(2)]
		do("PATCH", "/members/"+w.guest.String(), fmt.Sprintf(`{"role":%q,"projects":[%q]}`, role, w.open))
		do("PATCH", "/members/"+w.guest.String(), fmt.Sprintf(`{"role":%q}`, role))
	}
}
