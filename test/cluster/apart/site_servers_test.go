//go:build servers

package apart_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"headway/test/cluster/apart"
	"headway/test/servers"
)

// site is an installation as Ada and Bo use it.
type site struct {
	*apart.Installation
	t     *testing.T
	mails *servers.MailServer

	ada, bo, boID      string // tokens, and Bo's id
	workspace, project string // the path of the one, the id of the other
	todo, done         string // columns
}

// do sends a request through nginx.
func (s *site) do(token, method, path, body string) (int, []byte) {
	s.t.Helper()
	status, text, err := s.ask(http.DefaultClient, token, method, path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return status, text
}

// ask is do for any goroutine.
func (s *site) ask(client *http.Client, token, method, path, body string) (int, []byte, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// must is do for what has to succeed; the answer is decoded into out.
func (s *site) must(token, method, path, body string, out any) {
	s.t.Helper()
	status, text := s.do(token, method, path, body)
	if status/100 != 2 {
		s.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(text, out); err != nil {
		s.t.Fatal(err)
	}
}

// begin makes the two people, their workspace and its project.
func (s *site) begin() {
	s.t.Helper()
	type grant struct {
		AccessToken string
		User        struct{ ID string }
	}
	enter := func(name string) (g grant) {
		s.must("", http.MethodPost, "/api/v1/auth/register",
			`{"email":"`+name+`@example.org","name":"`+name+`","password":"a long enough secret 7"}`, &g)
		return g
	}
	ada, bo := enter("ada"), enter("bo")
	s.ada, s.bo, s.boID = ada.AccessToken, bo.AccessToken, bo.User.ID
	var made struct {
		ID      string
		Token   string
		Columns []struct{ ID, Name string }
	}
	s.must(s.ada, http.MethodPost, "/api/v1/workspaces", `{"name":"Seven Oaks"}`, &made)
	s.workspace = "/api/v1/workspaces/" + made.ID
	s.must(s.ada, http.MethodPost, s.workspace+"/invitations", `{"role":"member"}`, &made)
	s.must(s.bo, http.MethodPost, "/api/v1/invitations/accept", `{"token":"`+made.Token+`"}`, nil)
	s.must(s.ada, http.MethodPost, s.workspace+"/projects", `{"name":"Boat yard"}`, &made)
	s.project = made.ID
	for _, c := range made.Columns {
		switch c.Name {
		case "To do":
			s.todo = c.ID
		case "Done":
			s.done = c.ID
		}
	}
}

// work is a round of changes that others hear of and that are counted.
func (s *site) work(round string) {
	s.t.Helper()
	task := func(title string) string {
		var made struct{ ID string }
		s.must(s.ada, http.MethodPost, s.workspace+"/tasks",
			fmt.Sprintf(`{"project":%q,"column":%q,"title":"%s, %s"}`, s.project, s.todo, title, round), &made)
		return s.workspace + "/tasks/" + made.ID
	}
	change := func(task, fields string) { s.t.Helper(); s.must(s.ada, http.MethodPatch, task, fields, nil) }
	comment := func(task, text string) {
		s.t.Helper()
		body, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			s.t.Fatal(err)
		}
		s.must(s.ada, http.MethodPost, task+"/comments", string(body), nil)
	}
	hull, sail, rope := task("Hull"), task("Sail"), task("Rope")
	change(hull, fmt.Sprintf(`{"assignees":[%q]}`, s.boID))
	comment(hull, "The old paint has to go first.")
	comment(sail, "Can you look at it, @[bo](user:"+s.boID+")?")
	change(sail, fmt.Sprintf(`{"column":%q}`, s.done))
	change(rope, fmt.Sprintf(`{"column":%q}`, s.done))
	change(rope, fmt.Sprintf(`{"column":%q}`, s.todo))
	change(rope, `{"title":"More rope, `+round+`"}`)
}

// inbox is what Bo is told, oldest first, without ids and times.
func (s *site) inbox() []string {
	s.t.Helper()
	var page struct {
		Items []struct{ Kind, WorkspaceName, ProjectName, TaskTitle string }
	}
	s.must(s.bo, http.MethodGet, "/api/v1/inbox?limit=100", "", &page)
	var out []string
	for _, n := range slices.Backward(page.Items) {
		out = append(out, fmt.Sprintf("%s: %s, %s, %s", n.Kind, n.WorkspaceName, n.ProjectName, n.TaskTitle))
	}
	return out
}

// figures are what analytics counts.
type figures struct {
	Created, Completed, Reopened uint64
	Open                         int `json:"openNow"`
}

func (s *site) figures() (f figures) {
	s.t.Helper()
	s.must(s.ada, http.MethodGet, s.workspace+"/analytics/summary", "", &f)
	return f
}

// throughput is the sums of all days, by project.
func (s *site) throughput() string {
	s.t.Helper()
	var answer struct {
		Series []struct{ Created, Completed, Reopened []uint64 }
	}
	s.must(s.ada, http.MethodGet, s.workspace+"/analytics/throughput?by=project", "", &answer)
	sum := func(all []uint64) (n uint64) {
		for _, one := range all {
			n += one
		}
		return n
	}
	var out strings.Builder
	for _, one := range answer.Series {
		fmt.Fprintf(&out, "%d made, %d completed, %d reopened; ", sum(one.Created), sum(one.Completed), sum(one.Reopened))
	}
	return out.String()
}

// subjects are those of the mails that Bo got, sorted.
func (s *site) subjects() []string {
	s.t.Helper()
	var out []string
	for _, m := range s.mails.Mails(s.t) {
		for _, to := range m.To {
			out = append(out, to.Address+": "+m.Subject)
		}
	}
	slices.Sort(out)
	return out
}
