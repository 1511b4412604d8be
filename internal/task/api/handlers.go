package api

import (
	"context"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/query"
)

// Handlers answer the task service's HTTP API.
type Handlers struct {
	commands *command.Service
	queries  *query.Service
	streams  *Streams
	clock    clock.Clock
	settings Settings
}

// Settings are what the API needs to know of its surroundings.
type Settings struct {
	// PublicURL is where people reach the web app, such as
	// "https://headway.example.com", without a slash at its end; "" makes the
	// links in answers relative.
	PublicURL string
	// InvitationAge is how long an invitation is open; 0 is seven days.
	InvitationAge time.Duration
	// MinSeqWait is how long a read waits for the seq it asks for; 0 is one second.
	MinSeqWait time.Duration
}

// NewHandlers makes the handlers.
func NewHandlers(commands *command.Service, queries *query.Service, streams *Streams, c clock.Clock, settings Settings) *Handlers {
	if settings.InvitationAge <= 0 {
		settings.InvitationAge = 7 * 24 * time.Hour
	}
	if settings.MinSeqWait <= 0 {
		settings.MinSeqWait = time.Second
	}
	return &Handlers{commands: commands, queries: queries, streams: streams, clock: c, settings: settings}
}

// The parts that inputs are made of. They are exported since huma passes over embedded types that are not.
type (
	// InWorkspace is the path of a request about a workspace.
	InWorkspace struct {
		Workspace ids.ID `path:"workspace"`
	}
	// InProject is the path of a request that changes a project.
	InProject struct {
		InWorkspace
		Project ids.ID `path:"project"`
		rest.IfMatch
	}
	// InTask is the path of a request that changes a task.
	InTask struct {
		InWorkspace
		Task ids.ID `path:"task"`
		rest.IfMatch
	}
)

// view finds out who looks at which workspace, once the store has got as far
// as the request asks.
func (h *Handlers) view(q *request) (query.Viewer, error) {
	workspace, err := q.id("workspace")
	if err != nil {
		return query.Viewer{}, err
	}
	if want := q.r.Header["Headway-Min-Seq"]; len(want) > 0 {
		if err := h.await(q, workspace, want[0]); err != nil {
			return query.Viewer{}, err
		}
	}
	if q.seq, err = h.queries.Reached(q.ctx(), workspace); err != nil {
		return query.Viewer{}, err
	}
	return h.queries.Viewer(q.ctx(), workspace, q.user)
}

// actor answers who gives a command.
func actor(ctx context.Context) (command.Actor, error) {
	who, err := authn.Require(ctx)
	return command.Actor{User: who.User}, err
}

// run gives a command with its actor and the seq of If-Match.
func run[C any](ctx context.Context, match rest.IfMatch, do func(context.Context, command.Actor, C) (command.Result, error), build func(ifSeq *uint64) C) (command.Result, error) {
	who, err := actor(ctx)
	if err != nil {
		return command.Result{}, err
	}
	ifSeq, err := match.Seq()
	if err != nil {
		return command.Result{}, err
	}
	return do(ctx, who, build(ifSeq))
}

// status is 200 for a create that came before.
func created(res command.Result) int {
	if res.Repeated {
		return 200
	}
	return 201
}

// answer answers a command with a row of the frame, as the caller may see it.
func (h *Handlers) answer(ctx context.Context, workspace ids.ID, status int, res command.Result, row func(*query.Viewer) (query.Answer, error)) (*rest.Answer, error) {
	who, err := actor(ctx)
	if err != nil {
		return nil, err
	}
	v, err := h.queries.Viewer(ctx, workspace, who.User)
	if err != nil {
		return nil, err
	}
	a, err := row(&v)
	if err != nil {
		return nil, err
	}
	return &rest.Answer{Status: status, Seq: res.Seq, ETag: rest.ETag(a.Seq), Parts: [][]byte{a.Body}}, nil
}

// taskAnswer answers a command with a task as it is after it.
func (h *Handlers) taskAnswer(ctx context.Context, workspace, task ids.ID, status int, res command.Result) (*rest.Answer, error) {
	return h.answer(ctx, workspace, status, res, func(v *query.Viewer) (query.Answer, error) {
		return h.queries.TaskAfter(ctx, v, task, &res.Commit)
	})
}

func (h *Handlers) projectAnswer(ctx context.Context, workspace, project ids.ID, status int, res command.Result) (*rest.Answer, error) {
	return h.answer(ctx, workspace, status, res, func(v *query.Viewer) (query.Answer, error) {
		return v.ProjectRow(project)
	})
}

// gone answers a command with nothing but its seq.
func gone(res command.Result, err error) (*done, error) {
	if err != nil {
		return nil, err
	}
	return &done{Seq: rest.Seq{N: res.Seq}}, nil
}

// priorities, lifecycles and roles arrive as strings that the schema has checked.
func optional[T ~string](o rest.Optional[string]) *T {
	v, ok := o.Get()
	if !ok {
		return nil
	}
	t := T(v)
	return &t
}

// shelved reads the lifecycle state of a list.
func shelved(q *request, fallback event.Lifecycle, allowed ...event.Lifecycle) (event.Lifecycle, error) {
	names := make([]string, len(allowed))
	for i, s := range allowed {
		names[i] = string(s)
	}
	st, err := q.choice("state", string(fallback), names...)
	return event.Lifecycle(st), err
}

// unavailable is answered where the store has not got far enough.
func unavailable() error {
	return &apperr.Error{
		Code: apperr.Unavailable, Message: "This replica has not got that far yet. Ask again.",
		RetryAfter: time.Second,
	}
}
