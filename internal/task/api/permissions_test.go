package api_test

import (
	"fmt"
	"strings"
	"testing"

	"headway/internal/platform/ids"
)

// TestPermissions holds every route to the matrix of who may use it. Each
// attempt has a thing of its own, made by the owner just before; a refused
// one must answer a problem and change nothing.
func TestPermissions(t *testing.T) {
	t.Parallel()
	forEachStore(t, testPermissions)
}

// permission is one row: the statuses for owner, admin, member, guest and
// somebody outside. Things are in the project that the guest sees.
type permission struct {
	method, path string
	body         string
	want         [5]int
}

var permissions = []permission{
	{"GET", "", "", [5]int{200, 200, 200, 200, 404}},
	{"PATCH", "", `{"name":"New"}`, [5]int{200, 200, 403, 403, 404}},
	{"GET", "/members", "", [5]int{200, 200, 200, 200, 404}},
	{"PATCH", "/members/{someone}", `{"role":"admin"}`, [5]int{200, 200, 403, 403, 404}},
	{"PATCH", "/members/{someone}", `{"role":"owner"}`, [5]int{200, 403, 403, 403, 404}},
	{"DELETE", "/members/{someone}", "", [5]int{204, 204, 403, 403, 404}},
	{"GET", "/invitations", "", [5]int{200, 200, 403, 403, 404}},
	{"POST", "/invitations", `{"role":"member"}`, [5]int{201, 201, 403, 403, 404}},
	{"POST", "/invitations", `{"role":"owner"}`, [5]int{201, 403, 403, 403, 404}},
	{"DELETE", "/invitations/{invitation}", "", [5]int{204, 204, 403, 403, 404}},

	{"GET", "/projects", "", [5]int{200, 200, 200, 200, 404}},
	{"POST", "/projects", `{"name":"One more"}`, [5]int{201, 201, 201, 403, 404}},
	{"GET", "/projects/{open}", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/projects/{closed}", "", [5]int{200, 200, 200, 404, 404}},
	{"PATCH", "/projects/{project}", `{"name":"Other"}`, [5]int{200, 200, 200, 404, 404}},
	{"PATCH", "/projects/{open}", `{"description":"D{n}"}`, [5]int{200, 200, 200, 403, 404}},
	{"POST", "/projects/{project}/archive", "", [5]int{200, 200, 200, 404, 404}},
	{"DELETE", "/projects/{project}", "", [5]int{200, 200, 403, 404, 404}},
	{"POST", "/projects/{trashedProject}/restore", "", [5]int{200, 200, 403, 404, 404}},
	{"GET", "/projects/{open}/counts", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/projects/{closed}/counts", "", [5]int{200, 200, 200, 404, 404}},
	{"POST", "/projects/{open}/columns", `{"name":"Waiting","category":"open"}`, [5]int{201, 201, 201, 403, 404}},
	{"PATCH", "/projects/{open}/columns/{column}", `{"name":"Later"}`, [5]int{200, 200, 200, 403, 404}},
	{"DELETE", "/projects/{open}/columns/{column}", "", [5]int{200, 200, 200, 403, 404}},

	{"GET", "/labels", "", [5]int{200, 200, 200, 200, 404}},
	{"POST", "/labels", `{"name":"L{n}","color":"red"}`, [5]int{201, 201, 201, 403, 404}},
	{"PATCH", "/labels/{label}", `{"color":"blue"}`, [5]int{200, 200, 200, 403, 404}},
	{"DELETE", "/labels/{label}", "", [5]int{204, 204, 204, 403, 404}},

	{"GET", "/projects/{open}/tasks", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/projects/{closed}/tasks", "", [5]int{200, 200, 200, 404, 404}},
	{"GET", "/tasks?state=archived", "", [5]int{200, 200, 200, 200, 404}},
	{"POST", "/tasks", `{"project":"{open}","title":"T"}`, [5]int{201, 201, 201, 403, 404}},
	{"POST", "/tasks", `{"project":"{closed}","title":"T"}`, [5]int{201, 201, 201, 404, 404}},
	{"GET", "/tasks/{task}", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/tasks/{task}?at={head}", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/tasks/{hidden}", "", [5]int{200, 200, 200, 404, 404}},
	{"GET", "/tasks/{hidden}?at={head}", "", [5]int{200, 200, 200, 404, 404}},
	{"PATCH", "/tasks/{task}", `{"title":"Changed"}`, [5]int{200, 200, 200, 403, 404}},
	{"PATCH", "/tasks/{hidden}", `{"title":"Changed"}`, [5]int{200, 200, 200, 404, 404}},
	{"DELETE", "/tasks/{task}", "", [5]int{200, 200, 200, 403, 404}},
	{"POST", "/tasks/{task}/archive", "", [5]int{200, 200, 200, 403, 404}},
	{"POST", "/tasks/{trashed}/restore", "", [5]int{200, 200, 200, 403, 404}},
	{"POST", "/tasks/{trashed}/purge", "", [5]int{204, 204, 403, 403, 404}},
	{"POST", "/tasks/{task}/items", `{"items":[{"title":"I"}]}`, [5]int{201, 201, 201, 403, 404}},
	{"PATCH", "/tasks/{task}/items/{item}", `{"done":true}`, [5]int{200, 200, 200, 403, 404}},
	{"DELETE", "/tasks/{task}/items/{item}", "", [5]int{200, 200, 200, 403, 404}},
	{"POST", "/tasks/{task}/attachments", `{"url":"https://example.org/a"}`, [5]int{201, 201, 201, 403, 404}},
	{"DELETE", "/tasks/{task}/attachments/{attachment}", "", [5]int{200, 200, 200, 403, 404}},
	{"GET", "/tasks/{task}/comments", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/tasks/{hidden}/comments", "", [5]int{200, 200, 200, 404, 404}},
	{"POST", "/tasks/{task}/comments", `{"text":"C"}`, [5]int{201, 201, 201, 201, 404}},
	{"POST", "/tasks/{hidden}/comments", `{"text":"C"}`, [5]int{201, 201, 201, 404, 404}},
	{"PATCH", "/tasks/{task}/comments/{comment}", `{"text":"Not mine"}`, [5]int{200, 403, 403, 403, 404}},
	{"DELETE", "/tasks/{task}/comments/{comment}", "", [5]int{204, 204, 403, 403, 404}},

	{"GET", "/tasks/{task}/history", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/tasks/{hidden}/history", "", [5]int{200, 200, 200, 404, 404}},
	{"GET", "/history", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/history?project={closed}", "", [5]int{200, 200, 200, 404, 404}},
	{"GET", "/search?q=t", "", [5]int{200, 200, 200, 200, 404}},
	{"GET", "/sync", "", [5]int{200, 200, 200, 200, 404}},
	{"POST", "/undo", `{"seq":{head}}`, [5]int{200, 403, 403, 403, 404}},
}

func testPermissions(t *testing.T, s store) {
	w := newWorld(t, s)
	people := []ids.ID{w.owner, w.admin, w.member, w.guest, w.nobody}
	roles := []string{"owner", "admin", "member", "guest", "nobody"}
	n := 0
	for _, p := range permissions {
		for i, person := range people {
			n++
			path, body := w.things(p.path, n), ""
			if p.body != "" {
				body = w.fill(p.body, n)
			}
			path = w.fill(path, n)
			seq := w.seq()
			a := w.call(person, p.method, w.in(path), body)
			if a.status != p.want[i] {
				t.Errorf("%s %s %s as %s answered %d, want %d: %s", p.method, p.path, p.body, roles[i], a.status, p.want[i], a.body)
				continue
			}
			switch a.status {
			case 403:
				a.problem(403, "forbidden")
			case 404:
				a.problem(404, "not_found")
			}
			if a.status >= 400 && w.seq() != seq {
				t.Errorf("%s %s as %s was refused and changed something", p.method, p.path, roles[i])
			}
		}
		a := w.call(ids.Nil, p.method, w.in(w.fill(strings.NewReplacer("{someone}", w.admin.String()).Replace(p.path), 0)), "")
		if a.status != 401 && !strings.Contains(p.path, "{") {
			t.Errorf("%s %s without a token answered %d, want 401", p.method, p.path, a.status)
		}
	}
}

// things makes what the placeholders of a path name, as the owner.
func (w *world) things(path string, n int) string {
	w.t.Helper()
	put := func(name string, id ids.ID) { path = strings.ReplaceAll(path, name, id.String()) }
	has := func(name string) bool { return strings.Contains(path, name) }
	if has("{someone}") {
		id := ids.New()
		w.join(id, `{"role":"member"}`)
		put("{someone}", id)
	}
	if has("{invitation}") {
		put("{invitation}", w.post(w.owner, w.in("/invitations"), `{"role":"guest"}`).id())
	}
	if has("{project}") || has("{trashedProject}") {
		id := w.post(w.owner, w.in("/projects"), fmt.Sprintf(`{"name":"P%d","key":"P%d"}`, n, n)).id()
		if has("{trashedProject}") {
			w.call(w.owner, "DELETE", w.in("/projects/"+id.String()), "").want(200)
		}
		put("{project}", id)
		put("{trashedProject}", id)
	}
	if has("{column}") {
		a := w.post(w.owner, w.in("/projects/"+w.open.String()+"/columns"), fmt.Sprintf(`{"id":%q,"name":"C%d"}`, ids.New(), n))
		columns := peek[struct{ Columns []struct{ ID ids.ID } }](a).Columns
		put("{column}", columns[len(columns)-1].ID)
	}
	if has("{label}") {
		put("{label}", w.post(w.owner, w.in("/labels"), fmt.Sprintf(`{"name":"Label %d","color":"gray"}`, n)).id())
	}
	if has("{hidden}") {
		put("{hidden}", w.task(w.closed, "Hidden"))
	}
	if has("{task}") || has("{trashed}") {
		id := w.task(w.open, "Task")
		at := w.in("/tasks/" + id.String())
		if has("{trashed}") {
			w.call(w.owner, "DELETE", at, "").want(200)
		}
		if has("{item}") {
			a := w.post(w.owner, at+"/items", `{"items":[{"title":"Item"}]}`)
			put("{item}", peek[struct{ Items []struct{ ID ids.ID } }](a).Items[0].ID)
		}
		if has("{attachment}") {
			a := w.post(w.owner, at+"/attachments", `{"url":"https://example.org/a"}`)
			put("{attachment}", peek[struct {
				AttachmentLinks []struct{ ID ids.ID }
			}](a).AttachmentLinks[0].ID)
		}
		if has("{comment}") {
			put("{comment}", w.post(w.owner, at+"/comments", `{"text":"Comment"}`).id())
		}
		put("{task}", id)
		put("{trashed}", id)
	}
	return path
}

// fill puts in what is there anyway.
func (w *world) fill(text string, n int) string {
	return strings.NewReplacer(
		"{open}", w.open.String(), "{closed}", w.closed.String(),
		"{head}", fmt.Sprint(w.seq()), "{n}", fmt.Sprint(n),
	).Replace(text)
}
