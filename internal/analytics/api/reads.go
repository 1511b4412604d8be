package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"headway/internal/analytics/query"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/platform/timeseries"
)

// InWorkspace is what every read is asked with.
type InWorkspace struct {
	Workspace ids.ID `path:"workspace"`
	rest.IfNoneMatch
}

// InDays adds the days of the viewer.
type InDays struct {
	InWorkspace
	From string `query:"from" maxLength:"10" example:"2026-03-01" doc:"The first day. Without it, 29 days before the last."`
	To   string `query:"to" maxLength:"10" example:"2026-03-31" doc:"The last day, included. Without it, today. Up to 731 days."`
	Zone string `query:"zone" maxLength:"64" example:"Europe/Berlin" doc:"The IANA time zone of the days. Without it, UTC."`
}

// InFilter adds what is counted.
type InFilter struct {
	Project  string `query:"project" maxLength:"36" doc:"Only this project."`
	Assignee string `query:"assignee" maxLength:"36" doc:"Only tasks that this user was assigned to when it happened."`
}

func (f InFilter) filter() (out query.Filter, err error) {
	if out.Project, err = rest.QueryID("project", f.Project); err != nil {
		return out, err
	}
	out.Assignee, err = rest.QueryID("assignee", f.Assignee)
	return out, err
}

// ask is one read: what names its answer beside the seq and the viewer's
// class, and how it is made.
type ask struct {
	in   InDays
	name string
	// live says that it is not of events alone, so that the seq does not name it.
	live bool
	make func(ctx context.Context, v *query.Viewer, span query.Span) (any, error)
}

// answer finds out who asks, and answers from what is kept where it can.
func (h *Handlers) answer(ctx context.Context, a ask) (*rest.Answer, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	v, err := h.queries.Viewer(ctx, a.in.Workspace, who.User)
	if err != nil {
		return nil, err
	}
	span, err := query.NewSpan(a.in.From, a.in.To, a.in.Zone, h.clock.Now())
	if err != nil {
		return nil, err
	}
	out := &rest.Answer{Seq: v.Seq}
	// The span's days name the answer too: without "to" they go on by themselves.
	key := fmt.Sprintf("analytics %s %d %x %s %d %d %s", v.Workspace, v.Seq, v.Class, a.name, span.From.Unix(), span.To.Unix(), span.Zone)
	if !a.live {
		out.ETag = rest.ETag(v.Seq, hash(key))
		if a.in.Matches(out.ETag) {
			return rest.NotModified(out.ETag), nil
		}
		if body, ok := h.kept(ctx, key); ok {
			out.Parts = [][]byte{body}
			return out, nil
		}
	}
	made, err := a.make(ctx, v, span)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	if h.pages != nil && !a.live {
		h.pages.Set(ctx, []byte(key), body, pageAge)
	}
	out.Parts = [][]byte{body}
	return out, nil
}

func (h *Handlers) kept(ctx context.Context, key string) ([]byte, bool) {
	if h.pages == nil {
		return nil, false
	}
	return h.pages.Get(ctx, []byte(key))
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func (h *Handlers) summary(ctx context.Context, in *struct {
	InDays
	InFilter
}) (*rest.Answer, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	return h.answer(ctx, ask{in: in.InDays, name: named("summary", f.Project, f.Assignee),
		make: func(ctx context.Context, v *query.Viewer, span query.Span) (any, error) {
			return h.queries.Summary(ctx, v, f, span)
		}})
}

func (h *Handlers) throughput(ctx context.Context, in *struct {
	InDays
	InFilter
	Per query.Per `query:"per" enum:"day,week,month" default:"day" doc:"Weeks begin on Monday. Weeks and months are whole, also where the days asked for begin or end within."`
	By  query.By  `query:"by" enum:"project,assignee" doc:"What to split by. Without it there is one series."`
}) (*rest.Answer, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	return h.answer(ctx, ask{in: in.InDays, name: named("throughput", f.Project, f.Assignee, in.Per, in.By),
		make: func(ctx context.Context, v *query.Viewer, span query.Span) (any, error) {
			return h.queries.Throughput(ctx, v, f, span, in.Per, in.By)
		}})
}

func (h *Handlers) flow(ctx context.Context, in *struct {
	InDays
	Project string    `query:"project" maxLength:"36" doc:"The columns of this project. Without it, categories over all projects that are not in the trash."`
	Per     query.Per `query:"per" enum:"day,week" default:"day"`
}) (*rest.Answer, error) {
	project, err := rest.QueryID("project", in.Project)
	if err != nil {
		return nil, err
	}
	return h.answer(ctx, ask{in: in.InDays, name: named("flow", project, in.Per),
		make: func(ctx context.Context, v *query.Viewer, span query.Span) (any, error) {
			return h.queries.Flow(ctx, v, project, span, in.Per)
		}})
}

// cursor is a place among completions.
type cursor struct {
	At     int64  `json:"a"` // Unix milliseconds
	ID     ids.ID `json:"i"`
	Series string `json:"s"`
}

func (h *Handlers) cycleTimes(ctx context.Context, in *struct {
	InDays
	InFilter
	Measure query.Measure `query:"measure" enum:"cycle,lead" default:"cycle" doc:"Cycle time counts from the first active column, lead time from the creation."`
	Cursor  string        `query:"cursor" maxLength:"2048" doc:"Goes on where next of an earlier page ended."`
	Limit   int           `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}) (*rest.Answer, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	var c cursor
	if err := rest.DecodeCursor(in.Cursor, &c); err != nil {
		return nil, err
	}
	var after timeseries.Place
	if !c.ID.IsZero() {
		after = timeseries.Place{At: time.UnixMilli(c.At).UTC(), ID: c.ID, Series: c.Series}
	}
	return h.answer(ctx, ask{in: in.InDays, name: named("cycle-times", f.Project, f.Assignee, in.Measure, in.Limit, hash(in.Cursor)),
		make: func(ctx context.Context, v *query.Viewer, span query.Span) (any, error) {
			out, err := h.queries.Completions(ctx, v, f, span, in.Measure, after, in.Limit)
			if err == nil && !out.Place().IsZero() {
				p := out.Place()
				out.Next = rest.EncodeCursor(cursor{p.At.UnixMilli(), p.ID, p.Series})
			}
			return out, err
		}})
}

func (h *Handlers) active(ctx context.Context, in *struct {
	InWorkspace
	From    string    `query:"from" maxLength:"10" example:"2026-03-01" doc:"The first day. Without it, 29 days before the last."`
	To      string    `query:"to" maxLength:"10" example:"2026-03-31" doc:"The last day, included. Without it, today. Up to 731 days."`
	Project string    `query:"project" maxLength:"36" doc:"Only this project."`
	Per     query.Per `query:"per" enum:"day,week,month" default:"day"`
}) (*rest.Answer, error) {
	project, err := rest.QueryID("project", in.Project)
	if err != nil {
		return nil, err
	}
	days := InDays{InWorkspace: in.InWorkspace, From: in.From, To: in.To}
	return h.answer(ctx, ask{in: days, name: named("active", project, in.Per),
		make: func(ctx context.Context, v *query.Viewer, span query.Span) (any, error) {
			return h.queries.Active(ctx, v, project, span, in.Per)
		}})
}

func (h *Handlers) usage(ctx context.Context, in *struct {
	InDays
	Per query.Per `query:"per" enum:"day,week,month" default:"day"`
}) (*rest.Answer, error) {
	return h.answer(ctx, ask{in: in.InDays, live: true, name: "usage",
		make: func(ctx context.Context, v *query.Viewer, span query.Span) (any, error) {
			return h.queries.Usage(ctx, v, span, in.Per)
		}})
}

// named joins what an answer is made from.
func named(parts ...any) string { return strings.TrimSpace(fmt.Sprintln(parts...)) }
