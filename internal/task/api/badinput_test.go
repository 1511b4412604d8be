package api_test

import (
	"fmt"
	"strings"
	"testing"

	"headway/internal/platform/ids"
)

// TestBadInput sends what no client should. Each answer must be the problem
// document that says so, and nothing of the workspace may have changed.
func TestBadInput(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		w := newWorld(t, s)
		task := w.in("/tasks/" + w.task(w.open, "Keep me").String())
		project := w.in("/projects/" + w.open.String())
		unknown := ids.New().String()
		other := newNeighbour(w)

		cases := []struct {
			name, method, path, body string
			status                   int
			code                     string
			header                   []string
		}{
			{"a number for a title", "POST", w.in("/tasks"), fmt.Sprintf(`{"project":%q,"title":5}`, w.open), 422, "invalid", nil},
			{"null for a title", "PATCH", task, `{"title":null}`, 422, "invalid", nil},
			{"a string for a list", "PATCH", task, `{"labels":"red"}`, 422, "invalid", nil},
			{"an array for a body", "PATCH", task, `[]`, 422, "invalid", nil},
			{"no body", "POST", w.in("/tasks"), ``, 400, "malformed", nil},
			{"half a body", "PATCH", task, `{"title":"Ha`, 400, "malformed", nil},
			{"two values", "PATCH", task, `{"title":"A"}{"title":"B"}`, 400, "malformed", nil},
			{"a field twice", "PATCH", task, `{"title":"A","title":"B"}`, 400, "malformed", nil},
			{"an unknown field", "PATCH", task, `{"title":"A","colour":"red"}`, 422, "invalid", nil},
			{"a field in other case", "PATCH", task, `{"Title":"A"}`, 422, "invalid", nil},
			{"an unknown field deep down", "POST", task + "/items", `{"items":[{"title":"A","weight":1}]}`, 422, "invalid", nil},
			{"an unknown query parameter", "GET", project + "/tasks?colour=red", ``, 422, "invalid", nil},
			{"a limit of nothing", "GET", project + "/tasks?limit=0", ``, 422, "invalid", nil},
			{"too great a limit", "GET", project + "/tasks?limit=100000", ``, 422, "invalid", nil},
			{"a limit in words", "GET", project + "/tasks?limit=ten", ``, 422, "invalid", nil},
			{"a cursor made up", "GET", project + "/tasks?cursor=bm9uc2Vuc2U", ``, 422, "invalid", nil},
			{"a cursor of another list", "GET", w.in("/history?cursor=dAAA"), ``, 422, "invalid", nil},
			{"a state made up", "GET", project + "/tasks?state=burning", ``, 422, "invalid", nil},
			{"an empty title", "PATCH", task, `{"title":""}`, 422, "invalid", nil},
			{"a title of spaces", "PATCH", task, `{"title":"   "}`, 422, "invalid", nil},
			{"a title too long", "PATCH", task, `{"title":"` + strings.Repeat("a", 501) + `"}`, 422, "invalid", nil},
			{"a title of 5 MB", "PATCH", task, `{"title":"` + strings.Repeat("a", 5<<20) + `"}`, 413, "too_large", nil},
			{"a control character", "PATCH", task, `{"title":"a\u0000b"}`, 422, "invalid", nil},
			{"a line break in a title", "PATCH", task, `{"title":"a\nb"}`, 422, "invalid", nil},
			{"invalid UTF-8", "PATCH", task, "{\"title\":\"a\xff\xfeb\"}", 400, "malformed", nil},
			{"half a surrogate", "PATCH", task, `{"title":"a\ud800b"}`, 400, "malformed", nil},
			{"a priority made up", "PATCH", task, `{"priority":"yesterday"}`, 422, "invalid", nil},
			{"a date that is none", "PATCH", task, `{"due":"2026-02-30"}`, 422, "invalid", nil},
			{"a position that is none", "PATCH", task, `{"position":"!!"}`, 422, "invalid", nil},
			{"too many labels", "PATCH", task, `{"labels":[` + strings.Repeat(`"`+unknown+`",`, 50) + `"` + unknown + `"]}`, 422, "invalid", nil},
			{"an unknown label", "PATCH", task, `{"labels":["` + unknown + `"]}`, 422, "invalid", nil},
			{"an unknown assignee", "PATCH", task, `{"assignees":["` + unknown + `"]}`, 422, "invalid", nil},
			{"a script for a link", "POST", task + "/attachments", `{"url":"javascript:alert(1)"}`, 422, "invalid", nil},
			{"an id that is none", "GET", w.in("/tasks/12"), ``, 422, "invalid", nil},
			{"an id in upper case", "POST", w.in("/tasks"), fmt.Sprintf(`{"id":%q,"project":%q,"title":"T"}`, strings.ToUpper(unknown), w.open), 422, "invalid", nil},
			{"a form", "PATCH", task, `title=A`, 415, "unsupported_media_type", []string{"Content-Type", "application/x-www-form-urlencoded"}},
			{"a deep body", "PATCH", task, strings.Repeat("[", 1000), 400, "malformed", nil},
			{"an unknown task", "PATCH", w.in("/tasks/" + unknown), `{"title":"A"}`, 404, "not_found", nil},
			{"an unknown project", "GET", w.in("/projects/" + unknown + "/tasks"), ``, 404, "not_found", nil},
			{"a task in an unknown project", "POST", w.in("/tasks"), fmt.Sprintf(`{"project":%q,"title":"T"}`, unknown), 404, "not_found", nil},
			{"an unknown workspace", "GET", "/workspaces/" + unknown, ``, 404, "not_found", nil},
			{"an unknown address", "GET", "/nothing", ``, 404, "not_found", nil},
			{"a wrong method", "PUT", task, `{}`, 405, "method_not_allowed", nil},
			{"others' workspace", "GET", "/workspaces/" + other.workspace.String(), ``, 404, "not_found", nil},
			{"others' sync", "GET", "/workspaces/" + other.workspace.String() + "/sync", ``, 404, "not_found", nil},
			{"others' stream", "GET", "/workspaces/" + other.workspace.String() + "/events", ``, 404, "not_found", nil},
			{"others' task by our workspace", "GET", w.in("/tasks/" + other.task.String()), ``, 404, "not_found", nil},
			{"changing others' task by our workspace", "PATCH", w.in("/tasks/" + other.task.String()), `{"title":"Mine"}`, 404, "not_found", nil},
			{"others' project by our workspace", "POST", w.in("/tasks"), fmt.Sprintf(`{"project":%q,"title":"T"}`, other.project), 404, "not_found", nil},
			{"an id that others use", "POST", w.in("/tasks"), fmt.Sprintf(`{"id":%q,"project":%q,"title":"T"}`, other.task, w.open), 409, "conflict", nil},
			{"a stale If-Match", "PATCH", task, `{"title":"Late"}`, 412, "precondition_failed", []string{"If-Match", `"1"`}},
			{"an If-Match made up", "PATCH", task, `{"title":"Late"}`, 412, "precondition_failed", []string{"If-Match", `"abc"`}},
			{"a seq not reached", "GET", task, ``, 503, "unavailable", []string{"Headway-Min-Seq", "999999"}},
			{"a seq that is none", "GET", task, ``, 422, "invalid", []string{"Headway-Min-Seq", "soon"}},
			{"a future state", "GET", task + "?at=999999", ``, 422, "invalid", nil},
			{"a search for nothing", "GET", w.in("/search"), ``, 422, "invalid", nil},
			{"a token made up", "POST", "/invitations/accept", `{"token":"made-up"}`, 404, "not_found", nil},
		}
		for _, c := range cases {
			w.unchanged(func() {
				a := w.call(w.owner, c.method, c.path, c.body, c.header...)
				if a.status != c.status {
					t.Errorf("%s: answered %d, want %d: %.300s", c.name, a.status, c.status, a.body)
					return
				}
				a.problem(c.status, c.code)
				if len(a.body) > 2000 {
					t.Errorf("%s: the problem echoes the input: %d bytes", c.name, len(a.body))
				}
			})
		}
	})
}

// neighbour is another workspace, of people who are not in ours.
type neighbour struct{ workspace, project, task ids.ID }

func newNeighbour(w *world) neighbour {
	w.t.Helper()
	who := ids.New()
	var n neighbour
	n.workspace = w.post(who, "/workspaces", `{"name":"Next door"}`).id()
	at := "/workspaces/" + n.workspace.String()
	n.project = w.post(who, at+"/projects", `{"name":"Theirs"}`).id()
	n.task = w.post(who, at+"/tasks", fmt.Sprintf(`{"project":%q,"title":"Theirs"}`, n.project)).id()
	return n
}

// TestCreateTwice sends each create a second time, as a client does that got no answer.
func TestCreateTwice(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		w := newWorld(t, s)
		task := w.in("/tasks/" + w.task(w.open, "Task").String())
		for _, c := range []struct{ path, body, other string }{
			{"/workspaces", `{"id":"{id}","name":"W"}`, `{"id":"{id}","name":"V"}`},
			{w.in("/projects"), `{"id":"{id}","name":"P","key":"TWICE"}`, `{"id":"{id}","name":"Q","key":"TWICE"}`},
			{w.in("/projects/" + w.open.String() + "/columns"), `{"id":"{id}","name":"C"}`, `{"id":"{id}","name":"D"}`},
			{w.in("/labels"), `{"id":"{id}","name":"L","color":"red"}`, `{"id":"{id}","name":"L","color":"blue"}`},
			{w.in("/tasks"), fmt.Sprintf(`{"id":"{id}","project":%q,"title":"T"}`, w.open), fmt.Sprintf(`{"id":"{id}","project":%q,"title":"U"}`, w.open)},
			{task + "/comments", `{"id":"{id}","text":"C"}`, `{"id":"{id}","text":"D"}`},
			{task + "/attachments", `{"id":"{id}","url":"https://example.org/a"}`, `{"id":"{id}","url":"https://example.org/b"}`},
			{task + "/items", `{"items":[{"id":"{id}","title":"I"}]}`, `{"items":[{"id":"{id}","title":"J"}]}`},
		} {
			id := strings.NewReplacer("{id}", ids.New().String())
			first := w.call(w.owner, "POST", c.path, id.Replace(c.body)).want(201)
			w.unchanged(func() {
				again := w.call(w.owner, "POST", c.path, id.Replace(c.body)).want(200)
				if string(again.body) != string(first.body) {
					t.Errorf("%s: the second answer differs\nfirst  %s\nsecond %s", first.what, first.body, again.body)
				}
				w.call(w.owner, "POST", c.path, id.Replace(c.other)).problem(409, "conflict")
			})
		}
	})
}
