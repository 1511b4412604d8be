package api_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strconv"
	"testing"

	"headway/internal/platform/ids"
	"headway/internal/platform/server"
	"headway/internal/task/api"
)

// exact holds an answer to its documented type: it decodes strictly, and
// encodes to the same again, so nothing documented is missing either.
func exact[T any](a *answer) T {
	a.t.Helper()
	var v T
	a.decode(&v)
	again, err := json.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	if !sameJSON(again, a.body) {
		a.t.Fatalf("%s: the answer is\n%s\nits documented type holds\n%s", a.what, a.body, again)
	}
	return v
}

// TestAnswersAreAsDocumented walks through the whole API and holds each
// answer to the type that the OpenAPI document names for it, and what was
// written to what is read.
func TestAnswersAreAsDocumented(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		w := newWorld(t, s)
		as := func(method, path, body string, status int) *answer {
			t.Helper()
			return w.call(w.owner, method, w.in(path), body).want(status)
		}
		get := func(path string) *answer { t.Helper(); return as("GET", path, "", 200) }

		exact[api.List[api.OwnWorkspace]](w.get(w.owner, "/workspaces").want(200))
		exact[api.Workspace](get(""))
		if got := exact[api.Workspace](as("PATCH", "", `{"name":"Harbour"}`, 200)); got.Name != "Harbour" {
			t.Errorf("the workspace is called %q", got.Name)
		}
		exact[api.List[api.Member]](get("/members"))
		exact[api.Member](as("PATCH", "/members/"+w.guest.String(), fmt.Sprintf(`{"projects":[%q,%q]}`, w.open, w.closed), 200))
		exact[api.Member](as("PATCH", "/members/"+w.guest.String(), fmt.Sprintf(`{"projects":[%q]}`, w.open), 200))
		invitation := exact[api.NewInvitation](as("POST", "/invitations", `{"role":"member"}`, 201))
		if invitation.URL != "https://headway.test/join#"+invitation.Token {
			t.Errorf("the invitation's link is %s", invitation.URL)
		}
		exact[api.List[api.Invitation]](get("/invitations"))
		exact[api.Joined](w.call(ids.New(), "POST", "/invitations/accept", fmt.Sprintf(`{"token":%q}`, invitation.Token)).want(200))

		project := exact[api.Project](as("POST", "/projects", `{"name":"Site","key":"SITE","color":"teal","description":"All of it","columns":[{"name":"Now","category":"active","limit":3},{"name":"Done","category":"done"}]}`, 201))
		at := "/projects/" + project.ID
		exact[api.Project](as("PATCH", at, `{"name":"The site"}`, 200))
		exact[api.Project](as("POST", at+"/columns", `{"name":"Later","category":"backlog"}`, 201))
		column := "/columns/" + project.Columns[0].ID
		exact[api.Project](as("PATCH", at+column, `{"archived":true}`, 200))
		exact[api.Project](as("PATCH", at+column, `{"archived":false}`, 200))
		exact[api.List[api.Project]](get("/projects"))
		exact[api.Project](get(at))

		label := exact[api.Label](as("POST", "/labels", `{"name":"Größe <1>","color":"pink"}`, 201))
		exact[api.Label](as("PATCH", "/labels/"+label.ID, `{"color":"indigo"}`, 200))
		exact[api.List[api.Label]](get("/labels"))

		task := exact[api.Task](as("POST", "/tasks", fmt.Sprintf(`{"project":%q,"column":%q,"title":"A \"quoted\" <title> \u2028","description":"# Text\n\n- a\tb","priority":"high","labels":[%q],"assignees":[%q],"start":"2026-03-01","due":"2026-03-05T10:00:00Z","items":[{"title":"One"},{"title":"Two","done":true,"list":"Second"}]}`,
			project.ID, project.Columns[0].ID, label.ID, w.owner), 201))
		if task.ItemsTotal != 2 || task.ItemsDone != 1 || !task.HasDescription || task.Number != 1 || task.Due != "2026-03-05T10:00:00Z" {
			t.Errorf("the task is %+v", task)
		}
		one := "/tasks/" + task.ID
		beforeDone := w.seq()
		if got := exact[api.Task](as("PATCH", one, fmt.Sprintf(`{"column":%q}`, project.Columns[1].ID), 200)); got.CompletedAt == nil {
			t.Error("a task in a done column is not completed")
		}
		exact[api.Task](as("POST", one+"/items", `{"items":[{"title":"Three"}]}`, 201))
		exact[api.Task](as("PATCH", one+"/items/"+task.Items[0].ID, `{"done":true}`, 200))
		exact[api.Task](as("DELETE", one+"/items/"+task.Items[1].ID, ``, 200))
		attached := exact[api.Task](as("POST", one+"/attachments", `{"url":"https://example.org/a?b=c&d=e","name":"A & B"}`, 201))
		comment := exact[api.Comment](as("POST", one+"/comments", `{"text":"Well\ndone"}`, 201))
		exact[api.Comment](as("PATCH", one+"/comments/"+comment.ID, `{"text":"Very well done"}`, 200))
		exact[api.Page[api.Comment]](get(one + "/comments"))
		exact[api.Task](get(one))
		exact[api.Task](as("DELETE", one+"/attachments/"+attached.AttachmentLinks[0].ID, ``, 200))
		if was := exact[api.Task](get(one + "?at=" + strconv.FormatUint(beforeDone, 10))); was.CompletedAt != nil || len(was.Items) != 2 || was.Comments != 0 {
			t.Errorf("as of %d the task is %+v", beforeDone, was)
		}
		w.call(w.owner, "GET", w.in(one+"?at=1"), "").problem(404, "not_found")
		if now := exact[api.Task](get(one + "?at=" + strconv.FormatUint(w.seq(), 10))); !sameJSON(get(one).body, mustJSON(now)) {
			t.Errorf("as of now the task is %+v", now)
		}
		exact[api.Page[api.Card]](get(at + "/tasks"))
		exact[api.Counts](get(at + "/counts"))
		exact[api.Page[api.Card]](get("/search?q=quot"))
		exact[api.Task](as("POST", one+"/archive", "", 200))
		exact[api.Page[api.Card]](get("/tasks?state=archived"))
		exact[api.Task](as("POST", one+"/restore", "", 200))
		exact[api.UndoReport](as("POST", "/undo", `{}`, 200))
		exact[api.Task](as("POST", one+"/restore", "", 200))
		exact[api.Task](as("DELETE", one, "", 200))
		as("DELETE", one+"/comments/"+comment.ID, "", 409)
		as("POST", one+"/purge", "", 204)
		exact[api.HistoryPage](get(one + "/history"))
		exact[api.Project](as("POST", at+"/archive", "", 200))
		exact[api.Project](as("POST", at+"/restore", "", 200))
		exact[api.Project](as("DELETE", at, "", 200))
		as("DELETE", "/labels/"+label.ID, "", 204)
		exact[api.HistoryPage](get("/history?limit=200"))
		exact[api.Sync](get("/sync"))
		exact[api.Sync](get("/sync?since=5"))

		srv := httptest.NewServer(w.handler)
		t.Cleanup(srv.Close)
		l := listen(t, srv.URL+server.APIPrefix+w.in("/events?since=1"), w.owner, "")
		defer l.close()
		m, _ := l.next()
		if m.event == "change" {
			exact[api.Change](&answer{t: t, what: "the stream", body: []byte(m.data)})
		}
	})
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// TestUnchangedIsNotSent asks again with the ETag of each answer.
func TestUnchangedIsNotSent(t *testing.T) {
	t.Parallel()
	forEachStore(t, func(t *testing.T, s store) {
		w := newWorld(t, s)
		task := "/tasks/" + w.task(w.open, "Task").String()
		for _, path := range []string{
			"", "/members", "/invitations", "/projects", "/projects/" + w.open.String(), "/projects/" + w.open.String() + "/counts",
			"/projects/" + w.open.String() + "/tasks", "/tasks?state=archived", "/labels", task, task + "/comments", "/search?q=task", "/history",
		} {
			first := w.get(w.owner, w.in(path)).want(200)
			tag := first.header.Get("ETag")
			if tag == "" {
				t.Errorf("%s has no ETag", path)
				continue
			}
			again := w.get(w.owner, w.in(path), "If-None-Match", tag).want(304)
			if len(again.body) != 0 || again.header.Get("ETag") != tag {
				t.Errorf("%s: the 304 is %q with the ETag %s", path, again.body, again.header.Get("ETag"))
			}
			w.get(w.owner, w.in(path), "If-None-Match", `"0"`).want(200)
		}
		// A change of what an answer shows changes its tag.
		list := w.in("/projects/" + w.open.String() + "/tasks")
		tag := w.get(w.owner, list).header.Get("ETag")
		w.call(w.owner, "PATCH", w.in(task), `{"title":"Changed"}`).want(200)
		w.get(w.owner, list, "If-None-Match", tag).want(200)
		// Somebody else's tag of a list that differs between people is no match.
		tag = w.get(w.owner, w.in("/projects")).header.Get("ETag")
		w.get(w.guest, w.in("/projects"), "If-None-Match", tag).want(200)
	})
}
