package memory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/words"
	"headway/internal/task/state"
)

// open answers a workspace for reading; close gives it free again.
func (s *Store) open(ctx context.Context, id ids.ID) (*workspace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if w := s.workspaces[id]; w != nil {
		return w, nil // never changed once it is in place
	}
	return nil, errNotFound("workspace")
}

func (s *Store) project(ctx context.Context, id, projectID ids.ID) (*workspace, error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, ok := w.projects[projectID]; !ok {
		return nil, errNotFound("project")
	}
	return w, nil
}

// Seq implements readmodel.Reader.
func (s *Store) Seq(ctx context.Context, id ids.ID) (uint64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if w := s.workspaces[id]; w != nil {
		return w.head, ctx.Err()
	}
	return 0, ctx.Err()
}

// ProjectSeq implements readmodel.Reader.
func (s *Store) ProjectSeq(ctx context.Context, id, projectID ids.ID) (uint64, error) {
	w, err := s.project(ctx, id, projectID)
	if err != nil {
		return 0, err
	}
	return w.projects[projectID].seq, nil
}

// Frame implements readmodel.Reader.
func (s *Store) Frame(ctx context.Context, id ids.ID) (*state.Frame, error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.frame, nil
}

// WorkspacesOf implements readmodel.Reader.
func (s *Store) WorkspacesOf(ctx context.Context, user ids.ID) ([]state.Workspace, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var in []*state.Frame
	for _, w := range s.workspaces {
		if m := w.frame.Members[user]; m != nil && !m.Removed && m.Kind != event.Placeholder {
			in = append(in, w.frame)
		}
	}
	slices.SortFunc(in, func(a, b *state.Frame) int {
		if c := a.Members[user].JoinedAt.Compare(b.Members[user].JoinedAt); c != 0 {
			return c
		}
		return compareIDs(a.Workspace.ID, b.Workspace.ID)
	})
	var out []state.Workspace
	for _, f := range in {
		out = append(out, f.Workspace)
	}
	return out, ctx.Err()
}

// InvitationWorkspace implements readmodel.Reader.
func (s *Store) InvitationWorkspace(ctx context.Context, tokenHash string) (ids.ID, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, w := range s.workspaces {
		for _, inv := range w.frame.Invitations {
			if inv.TokenHash == tokenHash {
				return id, ctx.Err()
			}
		}
	}
	return ids.Nil, errNotFound("invitation")
}

// Task implements readmodel.Reader.
func (s *Store) Task(ctx context.Context, id, taskID ids.ID) (readmodel.TaskRow, error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return readmodel.TaskRow{}, err
	}
	t := w.tasks[taskID]
	if t == nil {
		return readmodel.TaskRow{}, errNotFound("task")
	}
	return readmodel.TaskRow{
		Project: t.Project, State: t.State, Seq: t.Seq, Card: card(t), Detail: readmodel.AppendDetail(nil, t.Detail),
	}, nil
}

func compareIDs(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) }

func compareBoard(a, b readmodel.TaskCursor) int {
	return cmp.Or(compareIDs(a.Column, b.Column), strings.Compare(a.Position, b.Position), compareIDs(a.ID, b.ID))
}

func boardPlace(t *state.Task) readmodel.TaskCursor {
	return readmodel.TaskCursor{Column: t.Column, Position: t.Position, ID: t.ID}
}

// Tasks implements readmodel.Reader.
func (s *Store) Tasks(ctx context.Context, id ids.ID, q readmodel.TaskQuery) (page readmodel.Page, err error) {
	w, err := s.project(ctx, id, q.Project)
	if err != nil {
		return page, err
	}
	var all []*state.Task
	for _, t := range w.tasks {
		if t.Project == q.Project && t.State == q.State && (q.Column.IsZero() || t.Column == q.Column) &&
			(q.After == (readmodel.TaskCursor{}) || compareBoard(boardPlace(t), q.After) > 0) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *state.Task) int { return compareBoard(boardPlace(a), boardPlace(b)) })
	for i, t := range all {
		if i == q.Limit {
			next := boardPlace(all[i-1])
			page.Next = &next
			break
		}
		page.Rows = append(page.Rows, card(t))
	}
	return page, nil
}

// newest answers a page of the tasks that want takes, newest change first.
func (w *workspace) newest(access readmodel.Access, after readmodel.SearchCursor, limit int, want func(*state.Task) bool) (out [][]byte, next *readmodel.SearchCursor) {
	place := func(t *state.Task) readmodel.SearchCursor { return readmodel.SearchCursor{Seq: t.Seq, ID: t.ID} }
	compare := func(a, b readmodel.SearchCursor) int {
		return cmp.Or(cmp.Compare(b.Seq, a.Seq), compareIDs(b.ID, a.ID))
	}
	var all []*state.Task
	for _, t := range w.tasks {
		if want(t) && access.Allows(t.Project) && (after.Seq == 0 || compare(after, place(t)) < 0) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *state.Task) int { return compare(place(a), place(b)) })
	for i, t := range all {
		if i == limit {
			last := place(all[i-1])
			return out, &last
		}
		out = append(out, card(t))
	}
	return out, nil
}

// Shelf implements readmodel.Reader.
func (s *Store) Shelf(ctx context.Context, id ids.ID, st event.Lifecycle, access readmodel.Access, after readmodel.SearchCursor, limit int) ([][]byte, *readmodel.SearchCursor, error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	out, next := w.newest(access, after, limit, func(t *state.Task) bool { return t.State == st && st != event.Live })
	return out, next, nil
}

// Search implements readmodel.Reader.
func (s *Store) Search(ctx context.Context, id ids.ID, query []string, access readmodel.Access, after readmodel.SearchCursor, limit int) ([][]byte, *readmodel.SearchCursor, error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	out, next := w.newest(access, after, limit, func(t *state.Task) bool {
		return t.State == event.Live && len(query) > 0 && w.holds(t, query)
	})
	return out, next, nil
}

// holds reports whether each word of the query begins a word of the task.
func (w *workspace) holds(t *state.Task, query []string) bool {
	texts := []string{t.Title, t.Detail.Description}
	for _, c := range w.commentsOf(t.ID) {
		texts = append(texts, c.Text)
	}
	set := words.Set(texts...)
	for _, q := range query {
		found := false
		for word := range set {
			found = found || strings.HasPrefix(word, q)
		}
		if !found {
			return false
		}
	}
	return true
}

// commentsOf answers a task's comments, oldest first.
func (w *workspace) commentsOf(task ids.ID) []*state.Comment {
	var out []*state.Comment
	for _, c := range w.comments {
		if c.Task == task {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *state.Comment) int {
		return cmp.Or(cmp.Compare(a.CreatedAt.UnixMilli(), b.CreatedAt.UnixMilli()), compareIDs(a.ID, b.ID))
	})
	return out
}

// Counts implements readmodel.Reader.
func (s *Store) Counts(ctx context.Context, id, projectID ids.ID) (readmodel.Counts, error) {
	w, err := s.project(ctx, id, projectID)
	if err != nil {
		return nil, err
	}
	out := readmodel.Counts{}
	for _, t := range w.tasks {
		if t.Project == projectID && t.State == event.Live {
			out[t.Column]++
		}
	}
	return out, nil
}

// Comments implements readmodel.Reader.
func (s *Store) Comments(ctx context.Context, id, task ids.ID, after readmodel.CommentCursor, limit int) (out [][]byte, next *readmodel.CommentCursor, err error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if w.tasks[task] == nil {
		return nil, nil, errNotFound("task")
	}
	var last readmodel.CommentCursor
	for _, c := range w.commentsOf(task) {
		place := readmodel.CommentCursor{At: c.CreatedAt.UnixMilli(), ID: c.ID}
		if after != (readmodel.CommentCursor{}) && cmp.Or(cmp.Compare(place.At, after.At), compareIDs(place.ID, after.ID)) <= 0 {
			continue
		}
		if len(out) == limit {
			return out, &last, nil
		}
		b, err := json.Marshal(c)
		if err != nil {
			return nil, nil, err
		}
		out, last = append(out, b), place
	}
	return out, nil, nil
}

// ProjectRows implements readmodel.Reader.
func (s *Store) ProjectRows(ctx context.Context, id, projectID, after ids.ID, limit int) (out []readmodel.Row, next ids.ID, err error) {
	w, err := s.project(ctx, id, projectID)
	if err != nil {
		return nil, ids.Nil, err
	}
	var all []ids.ID
	for _, t := range w.tasks {
		if t.Project == projectID && compareIDs(t.ID, after) > 0 {
			all = append(all, t.ID)
		}
	}
	slices.SortFunc(all, compareIDs)
	for i, task := range all {
		if len(out) >= limit {
			return out, all[i-1], nil
		}
		r, _, err := w.row(readmodel.KindTask, task)
		if err != nil {
			return nil, ids.Nil, err
		}
		out = append(out, r)
		for _, c := range w.commentsOf(task) {
			r, _, err := w.row(readmodel.KindComment, c.ID)
			if err != nil {
				return nil, ids.Nil, err
			}
			out = append(out, r)
		}
	}
	return out, ids.Nil, nil
}
