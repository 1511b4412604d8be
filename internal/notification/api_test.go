package notification_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headway/internal/notification"
	"headway/internal/notification/api"
	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
	"headway/internal/task/event"
)

// client calls the API as a user; zero is nobody.
type client struct {
	*world
	handler http.Handler
}

func (w *world) serve() *client {
	mux := http.NewServeMux()
	a := server.NewAPI(mux, rest.Info{Title: "T", Version: "1"})
	a.UseMiddleware(authn.Gate(rest.Refuse))
	w.module.Register(a, mux)
	return &client{w, mux}
}

func (c *client) call(user ids.ID, method, path, body string, header ...string) *httptest.ResponseRecorder {
	c.Helper()
	r := httptest.NewRequestWithContext(c.Context(), method, path, strings.NewReader(body))
	if !user.IsZero() {
		r = r.WithContext(authn.With(r.Context(), authn.Identity{User: user}))
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	out := httptest.NewRecorder()
	c.handler.ServeHTTP(out, r)
	return out
}

// read decodes an answer, which must have the status.
func read[T any](c *client, r *httptest.ResponseRecorder, status int) (out T) {
	c.Helper()
	if r.Code != status {
		c.Fatalf("answered %d %s, want %d", r.Code, r.Body, status)
	}
	if err := json.Unmarshal(r.Body.Bytes(), &out); err != nil {
		c.Fatalf("%v: %s", err, r.Body)
	}
	return out
}

func (c *client) inboxOf(user ids.ID, query string) api.Inbox {
	c.Helper()
	return read[api.Inbox](c, c.call(user, http.MethodGet, "/api/v1/inbox"+query, ""), http.StatusOK)
}

func TestInboxAPI(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob, gus} })
		for i := range byte(3) {
			w.clock.Advance(time.Minute)
			w.record(cal, event.CommentAdded, task, &event.CommentData{Comment: event.Comment{ID: id(30 + i), Text: "x", Author: cal, At: began}})
		}
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Title: change("Paint <the> door", "Paint it")})
		w.settle()
		c := w.serve()
		page := c.inboxOf(bob, "?limit=3")
		if len(page.Items) != 3 || page.Unread != 4 || page.Next == "" {
			t.Fatalf("the first page is %+v", page)
		}
		n := page.Items[0]
		if n.Kind != "commented" || n.TaskTitle != "Paint it" || n.ProjectName != "House" || n.Task != task || n.Comment != id(32) || n.Actor != cal || n.WorkspaceName != "Works" || n.Read {
			t.Errorf("the newest is %+v", n)
		}
		rest := c.inboxOf(bob, "?limit=3&cursor="+page.Next)
		if len(rest.Items) != 1 || rest.Next != "" || rest.Items[0].Kind != "assigned" || !rest.Items[0].Comment.IsZero() {
			t.Errorf("the second page is %+v", rest)
		}
		r := c.call(bob, http.MethodGet, "/api/v1/inbox/count", "")
		if got := read[api.Count](c, r, http.StatusOK); got.Unread != 4 {
			t.Errorf("%d are unread", got.Unread)
		}
		tag := r.Header().Get("ETag")
		if r := c.call(bob, http.MethodGet, "/api/v1/inbox/count", "", "If-None-Match", tag); r.Code != http.StatusNotModified {
			t.Errorf("unchanged, it answered %d", r.Code)
		}
		got := read[api.Count](c, c.call(bob, http.MethodPost, "/api/v1/inbox/read", `{"notices":["`+n.ID.String()+`"],"read":true}`), http.StatusOK)
		if got.Unread != 3 {
			t.Errorf("after one was read %d are unread", got.Unread)
		}
		if r := c.call(bob, http.MethodGet, "/api/v1/inbox/count", "", "If-None-Match", tag); r.Code != http.StatusOK {
			t.Errorf("changed, it answered %d", r.Code)
		}
		if unread := c.inboxOf(bob, "?unread=true"); len(unread.Items) != 3 {
			t.Errorf("unread are %+v", unread)
		}
		got = read[api.Count](c, c.call(bob, http.MethodPost, "/api/v1/inbox/read-up-to", `{"notice":"`+page.Items[1].ID.String()+`"}`), http.StatusOK)
		if got.Unread != 0 {
			t.Errorf("after all were read %d are unread", got.Unread)
		}

		// Gus has four of his own; nothing of Bob's reached them.
		if own := c.inboxOf(gus, ""); own.Unread != 4 {
			t.Errorf("another's inbox has %+v", own)
		}
	})
}

// Whatever is asked for, it is the caller's own.
func TestNobodyReachesAnothersInbox(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		w.settle()
		c := w.serve()
		notice := c.inboxOf(bob, "").Items[0].ID.String()
		for _, user := range []ids.ID{ann, cal, gus, id(99)} {
			if got := c.inboxOf(user, ""); len(got.Items) != 0 || got.Unread != 0 {
				t.Errorf("%s sees %+v", user, got)
			}
			c.call(user, http.MethodPost, "/api/v1/inbox/read", `{"notices":["`+notice+`"],"read":true}`)
			if r := c.call(user, http.MethodPost, "/api/v1/inbox/read-up-to", `{"notice":"`+notice+`"}`); r.Code != http.StatusNotFound {
				t.Errorf("%s marked up to another's notice: %d", user, r.Code)
			}
			c.call(user, http.MethodPatch, "/api/v1/notification-preferences", `{"email":{"due":false}}`)
		}
		if got := c.inboxOf(bob, ""); got.Unread != 1 {
			t.Errorf("others changed the inbox: %+v", got)
		}
		if p := read[api.Preferences](c, c.call(bob, http.MethodGet, "/api/v1/notification-preferences", ""), http.StatusOK); !p.Email.Due {
			t.Errorf("others changed the preferences: %+v", p)
		}
		for _, route := range [][3]string{
			{http.MethodGet, "/api/v1/inbox"}, {http.MethodGet, "/api/v1/inbox/count"},
			{http.MethodPost, "/api/v1/inbox/read", `{"notices":["` + notice + `"],"read":true}`},
			{http.MethodPost, "/api/v1/inbox/read-up-to", `{"notice":"` + notice + `"}`},
			{http.MethodGet, "/api/v1/notification-preferences"}, {http.MethodPatch, "/api/v1/notification-preferences", `{}`},
		} {
			if r := c.call(ids.Nil, route[0], route[1], route[2]); r.Code != http.StatusUnauthorized {
				t.Errorf("nobody in particular: %s %s answered %d", route[0], route[1], r.Code)
			}
		}
		for path, status := range map[string]int{
			"/api/v1/inbox?cursor=x": 422, "/api/v1/inbox?limit=0": 422, "/api/v1/inbox?limit=101": 422, "/api/v1/inbox?user=" + bob.String(): 422,
		} {
			if r := c.call(ann, http.MethodGet, path, ""); r.Code != status {
				t.Errorf("%s answered %d, want %d", path, r.Code, status)
			}
		}
	})
}

func TestPreferencesAPI(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees, d.Description = []ids.ID{bob}, event.Mention(bob, "Bob") })
		w.settle()
		c := w.serve()
		const path = "/api/v1/notification-preferences"
		r := c.call(bob, http.MethodGet, path, "")
		if got := read[api.Preferences](c, r, http.StatusOK); got != (api.Preferences{
			Inbox: api.InboxTopics{Assigned: true, Mentioned: true, Commented: true, Due: true, Joined: true},
			Email: api.EmailTopics{Assigned: true, Mentioned: true, Due: true},
		}) {
			t.Errorf("by default: %+v", got)
		}
		first := r.Header().Get("ETag")
		r = c.call(bob, http.MethodPatch, path, `{"inbox":{"mentioned":false},"email":{"due":false}}`, "If-Match", first)
		if got := read[api.Preferences](c, r, http.StatusOK); got.Inbox.Mentioned || got.Email.Due || !got.Email.Mentioned || !got.Inbox.Due {
			t.Errorf("chosen: %+v", got)
		}
		if r := c.call(bob, http.MethodPatch, path, `{"inbox":{"due":false}}`, "If-Match", first); r.Code != http.StatusPreconditionFailed {
			t.Errorf("over an older one: %d", r.Code)
		}
		if got := c.inboxOf(bob, ""); len(got.Items) != 1 || got.Unread != 1 || got.Items[0].Kind != "assigned" {
			t.Errorf("without mentions: %+v", got)
		}
		if r := c.call(bob, http.MethodPatch, path, `{"email":{"commented":true}}`); r.Code != http.StatusUnprocessableEntity {
			t.Errorf("mails that there are none of: %d", r.Code)
		}
		read[api.Preferences](c, c.call(bob, http.MethodPatch, path, `{"inbox":{"mentioned":true}}`), http.StatusOK)
		if got := c.inboxOf(bob, ""); len(got.Items) != 2 {
			t.Errorf("with mentions again: %+v", got)
		}
	})
}

func TestUnsubscribe(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		c := w.serve()
		s, err := w.store.Settings(t.Context(), state.Settings{})
		w.must(err)
		token := domain.Unsubscribe(s.Secret, bob, state.Assignments)
		link := notification.UnsubscribePath + "?token=" + token
		wants := func() bool {
			p, err := w.store.Preferences(t.Context(), bob)
			w.must(err)
			return p.Wants(state.Email, state.Assignments)
		}
		if r := c.call(ids.Nil, http.MethodGet, link, ""); r.Code != http.StatusOK || !strings.Contains(r.Body.String(), `<form method="post">`) || !wants() {
			t.Errorf("opening the link answered %d and changed something: %v", r.Code, !wants())
		}
		for _, spoiled := range []string{"", token[:len(token)-1] + "x", domain.Unsubscribe([]byte("other"), bob, state.Assignments), domain.Unsubscribe(s.Secret, bob, state.Comments)} {
			if r := c.call(ids.Nil, http.MethodPost, notification.UnsubscribePath+"?token="+spoiled, ""); r.Code < 400 || !wants() {
				t.Errorf("a link that is none answered %d", r.Code)
			}
		}
		r := c.call(ids.Nil, http.MethodPost, link, "List-Unsubscribe=One-Click", "Content-Type", "application/x-www-form-urlencoded")
		if r.Code != http.StatusOK || wants() {
			t.Errorf("one click answered %d; the mails go on: %v", r.Code, wants())
		}
		p, err := w.store.Preferences(t.Context(), bob)
		w.must(err)
		if !p.Wants(state.Email, state.Mentions) || !p.Wants(state.Inbox, state.Assignments) {
			t.Errorf("it switched off more: %+v", p)
		}
		if r := c.call(ids.Nil, http.MethodPost, link, ""); r.Code != http.StatusOK {
			t.Errorf("again it answered %d", r.Code)
		}
	})
}
