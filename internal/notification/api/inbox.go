package api

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"time"

	"headway/internal/apperr"
	"headway/internal/notification/query"
	"headway/internal/notification/store"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
)

// Notice is one entry of an inbox.
type Notice struct {
	ID   ids.ID    `json:"id"`
	Kind string    `json:"kind" enum:"assigned,mentioned,commented,due_soon,overdue,joined" doc:"joined: somebody accepted my invitation"`
	At   time.Time `json:"at" doc:"When it happened"`
	Read bool      `json:"read"`

	Workspace     ids.ID `json:"workspace"`
	WorkspaceName string `json:"workspaceName"`
	Project       ids.ID `json:"project,omitzero" doc:"Absent where it is about the workspace, as the next five are"`
	ProjectName   string `json:"projectName,omitempty" doc:"As it is now"`
	ProjectKey    string `json:"projectKey,omitempty"`
	Task          ids.ID `json:"task,omitzero"`
	TaskNumber    uint64 `json:"taskNumber,omitempty"`
	TaskTitle     string `json:"taskTitle,omitempty" doc:"As it is now"`
	Comment       ids.ID `json:"comment,omitzero" doc:"The comment that it is about; absent where there is none"`
	Actor         ids.ID `json:"actor,omitzero" doc:"Who did it; absent for what time brought. /auth/people has names."`
}

func noticeOf(e *query.Entry) Notice {
	n := Notice{
		ID: e.ID, Kind: string(e.Kind), At: e.At, Read: e.Read, Workspace: e.Workspace, WorkspaceName: e.WorkspaceName,
		Project: e.Project, ProjectName: e.ProjectName, ProjectKey: e.ProjectKey, Task: e.Task, TaskNumber: e.TaskNumber, TaskTitle: e.TaskTitle,
		Actor: e.Actor,
	}
	if e.About != e.Task && !e.Task.IsZero() {
		n.Comment = e.About
	}
	return n
}

// Inbox is a page of notices.
type Inbox struct {
	Items  []Notice `json:"items"`
	Next   string   `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
	Unread int      `json:"unread" doc:"How many are not read in all, at most 1000"`
}

// Count is how many notices are not read.
type Count struct {
	Unread int `json:"unread" doc:"At most 1000"`
}

type inboxInput struct {
	Cursor string `query:"cursor" maxLength:"2048" doc:"next of an earlier answer"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
	Unread bool   `query:"unread" doc:"Only what is not read"`
	rest.IfNoneMatch
}

// place is what a cursor holds.
type place struct {
	At int64  `json:"at"`
	ID ids.ID `json:"id"`
}

func (h *Handlers) inbox(ctx context.Context, in *inboxInput) (*rest.Answer, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	var after store.Place
	if in.Cursor != "" {
		var p place
		if err := rest.DecodeCursor(in.Cursor, &p); err != nil {
			return nil, err
		}
		after = store.Place{At: time.UnixMilli(p.At).UTC(), ID: p.ID}
	}
	page, err := h.Queries.Inbox(ctx, who.User, in.Unread, after, in.Limit)
	if err != nil {
		return nil, err
	}
	body := Inbox{Items: make([]Notice, len(page.Entries))}
	for i := range page.Entries {
		body.Items[i] = noticeOf(&page.Entries[i])
	}
	if page.Next != (store.Place{}) {
		body.Next = rest.EncodeCursor(place{page.Next.At.UnixMilli(), page.Next.ID})
	}
	if body.Unread, err = h.Queries.Unread(ctx, who.User); err != nil {
		return nil, err
	}
	return tagged(body)
}

// tagged answers a body with an ETag made of it.
func tagged(body any) (*rest.Answer, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, apperr.Wrap(err, "the answer cannot be written")
	}
	h := fnv.New64a()
	_, _ = h.Write(b) // never fails
	return &rest.Answer{ETag: rest.ETag(h.Sum64()), Parts: [][]byte{b}}, nil
}

func (h *Handlers) count(ctx context.Context, _ *struct{ rest.IfNoneMatch }) (*rest.Answer, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	n, err := h.Queries.Unread(ctx, who.User)
	if err != nil {
		return nil, err
	}
	return tagged(Count{n})
}

type countOutput struct {
	Body Count
}

// counted answers a change of an inbox.
func (h *Handlers) counted(ctx context.Context, user ids.ID) (*countOutput, error) {
	n, err := h.Queries.Unread(ctx, user)
	return &countOutput{Count{n}}, err
}

type markInput struct {
	Body struct {
		Notices []ids.ID `json:"notices" minItems:"1" maxItems:"200"`
		Read    bool     `json:"read"`
	}
}

func (h *Handlers) mark(ctx context.Context, in *markInput) (*countOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Commands.Mark(ctx, who.User, in.Body.Notices, in.Body.Read); err != nil {
		return nil, err
	}
	return h.counted(ctx, who.User)
}

type markUpToInput struct {
	Body struct {
		Notice ids.ID `json:"notice"`
	}
}

func (h *Handlers) markUpTo(ctx context.Context, in *markUpToInput) (*countOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Commands.MarkUpTo(ctx, who.User, in.Body.Notice); err != nil {
		return nil, err
	}
	return h.counted(ctx, who.User)
}
