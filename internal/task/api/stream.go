package api

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/live"
	"headway/internal/task/query"
	"headway/internal/task/readmodel"
)

// Streams brings commits to everyone who has the workspace open.
type Streams struct {
	hub     *live.Hub[*query.Viewer]
	queries *query.Service
	log     *slog.Logger
}

// NewStreams makes the streams over a hub.
func NewStreams(hub *live.Hub[*query.Viewer], queries *query.Service, log *slog.Logger) *Streams {
	return &Streams{hub: hub, queries: queries, log: log}
}

// Committed takes a commit that is durable. Commits of a workspace come in order.
func (s *Streams) Committed(c readmodel.Commit) {
	if len(c.Events) == 0 {
		return
	}
	// Whoever's own membership changed starts afresh with what they may see
	// now, before anything that comes after is sent to them.
	for i := range c.Rows {
		if r := &c.Rows[i]; r.Kind == readmodel.KindMember {
			s.hub.Kick(c.Workspace, r.ID)
		}
	}
	s.hub.Publish(c.Workspace, c.First, c.Last, func(v *query.Viewer) []byte {
		change, err := v.Commit(&c)
		if err != nil {
			s.log.Error("a commit could not be encoded for its readers", "workspace", c.Workspace, "seq", c.Last, "cause", err)
			return nil
		}
		return frame(nil, change)
	})
}

func frame(b []byte, c query.Change) []byte {
	if c.Body == nil {
		return b
	}
	return live.AppendFrame(b, c.Last, "change", c.Body)
}

// errMoved ends a stream whose viewer's access changed while it was opened.
var errMoved = errors.New("the viewer's access changed")

// stream answers the workspace's changes as server-sent events. A client says
// where it is by Last-Event-ID or since; without either it starts at the
// newest. It ends when the access token does, so that nobody listens for
// longer than they are signed in.
func (h *Handlers) stream(q *request) error {
	v, err := h.view(q)
	if err != nil {
		return err
	}
	head, err := h.queries.Seq(q.ctx(), &v)
	if err != nil {
		return err
	}
	since, err := q.number("since", head, 0, maxSeq)
	if err != nil {
		return err
	}
	placed := q.query.Has("since")
	if last := q.r.Header.Get("Last-Event-ID"); last != "" {
		placed = true
		if since, err = strconv.ParseUint(last, 10, 64); err != nil || since > maxSeq {
			return apperr.InvalidField("header.Last-Event-ID", "must be the id of an event of this stream")
		}
	}
	who, err := authn.Require(q.ctx())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(q.ctx(), who.Expires)
	defer cancel()
	return h.streams.hub.Serve(q.w, q.r.WithContext(ctx), &live.Stream[*query.Viewer]{
		Topic: v.Workspace, User: v.User, Class: v.Class, Access: &v, Since: since,
		Replay: h.streams.replay(v.Workspace, v.User, v.Class, placed),
	})
}

// replay makes the function that brings a stream up to date from the log.
// A client that did not say where it is is told where it begins.
func (s *Streams) replay(workspace, user ids.ID, class string, placed bool) func(context.Context, uint64, func([]byte) error) (uint64, error) {
	return func(ctx context.Context, after uint64, send func([]byte) error) (uint64, error) {
		head, err := s.queries.Reached(ctx, workspace)
		if err != nil {
			return after, err
		}
		// Read after the stream was joined to the hub: a change of access from
		// here on ends it, and one before is seen here.
		v, err := s.queries.Viewer(ctx, workspace, user)
		if err != nil {
			return after, err
		}
		if v.Class != class {
			return after, errMoved
		}
		if after > head || head-after > query.TooFarBehind || v.AccessMoved(after) {
			return head, send(live.AppendFrame(nil, head, "reset", append(strconv.AppendUint([]byte(`{"seq":`), head, 10), '}')))
		}
		if !placed {
			placed = true
			ready := append(strconv.AppendUint([]byte(`{"seq":`), after, 10), '}')
			if err := send(live.AppendFrame(nil, after, "ready", ready)); err != nil {
				return after, err
			}
		}
		for after < head {
			change, err := s.queries.Resume(ctx, &v, after, head)
			if err != nil {
				return after, err
			}
			if change.Last <= after {
				break
			}
			if b := frame(nil, change); b != nil {
				if err := send(b); err != nil {
					return after, err
				}
			}
			after = change.Last
		}
		return after, nil
	}
}

// streaming is the operation of a stream of server-sent events.
type streaming struct{ reading }

// streams makes a streaming.
func streams(handle func(*request) error) *streaming {
	return &streaming{reading{
		handle: handle, answer: reflect.TypeFor[string](), media: "text/event-stream", query: []parameter{sinceParameter},
		doc: "Server-sent events (WHATWG HTML, section 9.2). Each `change` has as id the seq that it brings the client to, " +
			"and as data a Change: the events and the rows they touched. After a break, Last-Event-ID (or since) resumes: " +
			"each event comes once, in order; without either the stream starts at the newest and says so by a `ready` with its id. A `reset` says that the client is too far behind or may see something else " +
			"than before: sync, and go on from the reset's id. Comments keep the connection open. The stream ends with the " +
			"access token; come back with a new one.",
	}}
}

func (e *streaming) register(api huma.API, op huma.Operation) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Last-Event-ID", In: "header", Schema: whole(0, maxSeq, nil), Description: "The id of the last event that the client has.",
	})
	// The document names the schema of the data, which OpenAPI 3.1 cannot attach to an event stream.
	api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Change](), true, "")
	e.reading.register(api, op)
}
