// Package command is the write side of analytics: what the web app tells of
// its use, and whether a person wants that.
package command

import (
	"context"
	"maps"
	"slices"
	"time"

	"headway/internal/analytics/readmodel"
	"headway/internal/apperr"
	"headway/internal/platform/clock"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	"headway/internal/platform/timeseries"
)

// Limits of usage events.
const (
	// MaxBatch is how many events come at once.
	MaxBatch = 50
	// MaxAge is how old an event may be: what was kept while offline comes late.
	MaxAge = 7 * 24 * time.Hour
	// MaxAhead is how far a client's clock may be ahead.
	MaxAhead = 5 * time.Minute
)

// Batches is how often one user may send usage events.
var Batches = limit.Rate{Count: 60, Per: time.Minute}

// Service takes usage events. It is safe for concurrent use.
type Service struct {
	Store   readmodel.Store
	Series  timeseries.Store
	Limiter limit.Limiter
	Clock   clock.Clock
	// Observe, if not nil, is told of each batch.
	Observe func(Outcome)
}

// UsageEvent is something that was done in the web app.
type UsageEvent struct {
	// ID is made by the client: the same event sent again counts once.
	ID         ids.ID
	Name       string
	At         time.Time
	Properties map[string]string
}

// Outcome is what became of a batch.
type Outcome struct {
	// Accepted events are recorded, or were before.
	Accepted int
	// Dropped events are too old, too far ahead, or not known here.
	Dropped int
	// Declined says that nothing was kept, since the person does not want it.
	Declined bool
}

// RecordUsage keeps a batch of a user's events in a workspace, or in none.
// What is kept names no user. declined says that the request asked for that to
// be left (Sec-GPC, DNT).
func (s *Service) RecordUsage(ctx context.Context, user, workspace ids.ID, events []UsageEvent, declined bool) (Outcome, error) {
	result, err := s.Limiter.Take(ctx, "usage:"+user.String(), Batches)
	if err == nil && !result.Allowed {
		return Outcome{}, &apperr.Error{
			Code: apperr.RateLimited, Message: "Too many usage events were sent. Collect them and send them together later.", RetryAfter: result.RetryAfter,
		}
	}
	if !declined {
		if declined, err = s.Store.OptedOut(ctx, user); err != nil {
			return Outcome{}, err
		}
	}
	out := Outcome{Declined: declined}
	if !declined {
		if err := s.member(ctx, user, workspace); err != nil {
			return out, err
		}
		points := s.points(user, workspace, events)
		if _, err := s.Series.Insert(ctx, points); err != nil {
			return out, err
		}
		out.Accepted, out.Dropped = len(points), len(events)-len(points)
	}
	if s.Observe != nil {
		s.Observe(out)
	}
	return out, nil
}

// member refuses events of a workspace that the user does not belong to.
func (s *Service) member(ctx context.Context, user, workspace ids.ID) error {
	if workspace.IsZero() {
		return nil
	}
	frame, err := s.Store.Frame(ctx, workspace)
	if err != nil {
		return err
	}
	if frame != nil {
		if _, ok := frame.Members[user]; ok {
			return nil
		}
	}
	return apperr.New(apperr.NotFound, "There is no such workspace.")
}

// points are those of the events that are taken. An event whose time cannot
// be is dropped and not given another: with another it would count again when
// it is sent again.
func (s *Service) points(user, workspace ids.ID, events []UsageEvent) []timeseries.Point {
	now := s.Clock.Now()
	out := make([]timeseries.Point, 0, len(events))
	for _, e := range events {
		at := e.At.UTC().Truncate(time.Millisecond)
		if at.Before(now.Add(-MaxAge)) || at.After(now.Add(MaxAhead)) || e.ID.IsZero() {
			continue
		}
		d, ok := dimensions(e)
		if !ok {
			continue
		}
		out = append(out, timeseries.Point{
			// Of the user, so that nobody can take the place of another's event; it does not tell who that is.
			ID: ids.Derive(user, e.ID.String()), Workspace: readmodel.UsageOf(workspace), Metric: readmodel.Usage + e.Name,
			Dimensions: d, At: at, Value: 1,
		})
	}
	return out
}

// dimensions are an event's properties, or false where it is none that is known.
func dimensions(e UsageEvent) (timeseries.Dimensions, bool) {
	if _, known := readmodel.UsageValues(e.Name, ""); !known {
		return nil, false
	}
	var d timeseries.Dimensions
	for _, name := range slices.Sorted(maps.Keys(e.Properties)) {
		values, _ := readmodel.UsageValues(e.Name, name)
		if !slices.Contains(values, e.Properties[name]) {
			return nil, false
		}
		d = append(d, timeseries.Dimension{Name: name, Value: e.Properties[name]})
	}
	return d, true
}

// UsageChoice answers whether a user lets usage be recorded.
func (s *Service) UsageChoice(ctx context.Context, user ids.ID) (allowed bool, err error) {
	out, err := s.Store.OptedOut(ctx, user)
	return !out, err
}

// ChooseUsage keeps whether a user lets usage be recorded.
func (s *Service) ChooseUsage(ctx context.Context, user ids.ID, allowed bool) error {
	return s.Store.SetOptedOut(ctx, user, !allowed)
}
