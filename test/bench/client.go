package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"headway/internal/platform/ids"
	"headway/test/load"
)

const (
	email    = "bench@example.org"
	password = "a long pass phrase for the bench"
	api      = "/api/v1"
)

// client speaks to one server as one user, for what is not measured.
type client struct {
	addr  string
	token string
	wire  *load.Conn
	buf   []byte
}

func newClient(addr string) (*client, error) {
	w, err := load.Dial(addr)
	if err != nil {
		return nil, err
	}
	return &client{addr: addr, wire: w}, nil
}

// again connects anew: nginx ends what has been idle for long.
func (c *client) again() (err error) {
	c.wire.Close()
	c.wire, err = load.Dial(c.addr)
	return err
}

// post sends a value and decodes the answer into out, which may be nil.
func (c *client) post(path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	_, err = c.raw("POST", path, body, out)
	return err
}

// raw sends one request and decodes the answer into out, which may be nil.
// An answer outside of 2xx is an error.
func (c *client) raw(method, path string, body []byte, out any) (load.Reply, error) {
	r, buf, err := c.wire.Do(load.Request(method, path, c.addr, c.token, nil, body), c.buf)
	c.buf = buf
	if err != nil {
		return r, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if r.Status/100 != 2 {
		return r, fmt.Errorf("%s %s answered %d: %.500s", method, path, r.Status, r.Body)
	}
	if out != nil {
		if err := json.Unmarshal(r.Body, out); err != nil {
			return r, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	return r, nil
}

// signIn gets a fresh token; what registers comes first.
func (c *client) signIn(register bool) error {
	var answer struct {
		AccessToken string `json:"accessToken"`
	}
	path, in := api+"/auth/sign-in", map[string]any{"email": email, "password": password}
	if register {
		path, in["name"] = api+"/auth/register", "Bench"
	}
	if err := c.post(path, in, &answer); err != nil {
		return err
	}
	c.token = answer.AccessToken
	return nil
}

// place is a workspace with the project that is measured in it.
type place struct {
	workspace ids.ID
	// projects are all its projects; the first is the one that is read.
	projects []ids.ID
	label    ids.ID
	// columns are those of the first project.
	columns []ids.ID
	// tasks are the first project's tasks.
	tasks []ids.ID
}

func (p *place) path(rest string) string { return api + "/workspaces/" + p.workspace.String() + rest }

// settle makes a workspace of n tasks, at most 10,000 to a project.
func (c *client) settle(ctx context.Context, n int) (*place, error) {
	p := &place{workspace: ids.New(), label: ids.New()}
	if err := c.post(api+"/workspaces", map[string]any{"id": p.workspace, "name": "Bench"}, nil); err != nil {
		return nil, err
	}
	if err := c.post(p.path("/labels"), map[string]any{"id": p.label, "name": "bench", "color": "teal"}, nil); err != nil {
		return nil, err
	}
	for left := n; left > 0; left -= 10_000 {
		var project struct {
			ID      ids.ID `json:"id"`
			Columns []struct {
				ID ids.ID `json:"id"`
			} `json:"columns"`
		}
		key := "P" + strings.ToUpper(string(rune('A'+len(p.projects))))
		if err := c.post(p.path("/projects"), map[string]any{"id": ids.New(), "name": "Project " + key, "key": key}, &project); err != nil {
			return nil, err
		}
		p.projects = append(p.projects, project.ID)
		made, err := c.fill(ctx, p, project.ID, min(left, 10_000))
		if err != nil {
			return nil, err
		}
		if p.columns == nil {
			for _, column := range project.Columns {
				p.columns = append(p.columns, column.ID)
			}
			p.tasks = made
		}
	}
	return p, nil
}

// fill creates n tasks over 32 connections.
func (c *client) fill(ctx context.Context, p *place, project ids.ID, n int) ([]ids.ID, error) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		made  []ids.ID
		first error
	)
	for i := range 32 {
		share := n / 32
		if i < n%32 {
			share++
		}
		group.Go(func() {
			got, err := c.fillOver(ctx, p, project, share)
			mu.Lock()
			defer mu.Unlock()
			made = append(made, got...)
			first = errors.Join(first, err)
		})
	}
	group.Wait()
	return made, first
}

func (c *client) fillOver(ctx context.Context, p *place, project ids.ID, n int) ([]ids.ID, error) {
	w, err := load.Dial(c.addr)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	made := make([]ids.ID, 0, n)
	var buf []byte
	var r load.Reply
	for range n {
		if err := ctx.Err(); err != nil {
			return made, err
		}
		id := ids.New()
		r, buf, err = w.Do(load.Request("POST", p.path("/tasks"), c.addr, c.token, nil, taskBody(p, project, id)), buf)
		if err != nil {
			return made, err
		}
		if r.Status != 201 {
			return made, fmt.Errorf("a create answered %d: %.500s", r.Status, r.Body)
		}
		made = append(made, id)
	}
	return made, nil
}

// What the tasks made here say; a part of the id after the title makes each a little different.
const (
	sampleTitle       = "Write down how the seasonal menu comes about "
	sampleDescription = "The kitchen and the buyers meet on Mondays. What they agree on goes to the printers by Wednesday noon, with prices."
)

// taskBody is the create that is measured: what a usual task carries.
func taskBody(p *place, project, id ids.ID) []byte {
	data, err := json.Marshal(newTask{
		ID: id, Project: project,
		Title: sampleTitle + id.String()[24:], Description: sampleDescription,
		Priority: "medium", Labels: []ids.ID{p.label}, Due: "2026-12-01",
	})
	if err != nil {
		return nil // a struct of strings encodes
	}
	return data
}
