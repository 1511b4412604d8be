// Package query answers what people see of the notification service. Titles
// and names are those of now, and what somebody may not see any more is not answered.
package query

import (
	"context"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
)

// MaxUnread is up to where unread notices are counted.
const MaxUnread = 1000

// Service answers queries.
type Service struct {
	Store store.Store
}

// Entry is a notice with what it is about, as that is now.
type Entry struct {
	state.Notice
	// WorkspaceName and the next are "" where they are not known.
	WorkspaceName string
	ProjectName   string
	ProjectKey    string
	TaskNumber    uint64
	TaskTitle     string
}

// Page is a part of an inbox.
type Page struct {
	Entries []Entry
	// Next is the place to go on from; zero at the end.
	Next store.Place
}

// Inbox answers a part of a user's inbox, newest first.
func (s *Service) Inbox(ctx context.Context, user ids.ID, unread bool, after store.Place, limit int) (Page, error) {
	p, err := s.Store.Preferences(ctx, user)
	if err != nil {
		return Page{}, err
	}
	list, err := s.Store.List(ctx, store.List{User: user, Unread: unread, Without: p.Unwanted(), After: after, Limit: limit + 1})
	if err != nil {
		return Page{}, err
	}
	var page Page
	if len(list) > limit {
		list = list[:limit]
		last := &list[limit-1]
		page.Next = store.Place{At: last.At, ID: last.ID}
	}
	page.Entries, err = s.tell(ctx, user, list)
	return page, err
}

// Entry answers one of the user's notices, or store.ErrNotFound where it is not shown.
func (s *Service) Entry(ctx context.Context, user, id ids.ID) (Entry, error) {
	n, err := s.Store.Notice(ctx, user, id)
	if err != nil {
		return Entry{}, err
	}
	if n.Hidden != state.Shown {
		return Entry{}, store.ErrNotFound
	}
	entries, err := s.tell(ctx, user, []state.Notice{n})
	if err != nil || len(entries) == 0 {
		return Entry{}, orNotFound(err)
	}
	return entries[0], nil
}

func orNotFound(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

// tell adds what the notices are about, and leaves out what the user may not see.
func (s *Service) tell(ctx context.Context, user ids.ID, list []state.Notice) ([]Entry, error) {
	of := map[ids.ID][]ids.ID{}
	for i := range list {
		n := &list[i]
		of[n.Workspace] = append(of[n.Workspace], n.Task)
	}
	type workspace struct {
		frame *state.Frame
		tasks map[ids.ID]state.Task
	}
	known := make(map[ids.ID]workspace, len(of))
	for id, tasks := range of {
		frame, found, err := s.Store.Seen(ctx, id, tasks)
		if err != nil {
			return nil, err
		}
		known[id] = workspace{frame, found}
	}
	out := make([]Entry, 0, len(list))
	for _, n := range list {
		w := known[n.Workspace]
		if w.frame == nil || !w.frame.Sees(user, n.Project) {
			continue
		}
		e := Entry{Notice: n, WorkspaceName: w.frame.Name}
		if t, ok := w.tasks[n.Task]; ok && w.frame.Sees(user, t.Project) {
			p := w.frame.Projects[t.Project]
			e.ProjectName, e.ProjectKey, e.TaskNumber, e.TaskTitle = p.Name, p.Key, t.Number, t.Title
		}
		out = append(out, e)
	}
	return out, nil
}

// Unread counts what a user has not read, up to MaxUnread.
func (s *Service) Unread(ctx context.Context, user ids.ID) (int, error) {
	p, err := s.Store.Preferences(ctx, user)
	if err != nil {
		return 0, err
	}
	return s.Store.Unread(ctx, user, p.Unwanted(), MaxUnread)
}

// Preferences answers what a user wants to hear of.
func (s *Service) Preferences(ctx context.Context, user ids.ID) (state.Preferences, error) {
	return s.Store.Preferences(ctx, user)
}
