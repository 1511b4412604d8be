// Package analytics is the analytics service: what happens in workspaces as
// time series, and how the web app is used. Of the task service it knows the
// published language alone.
package analytics

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/analytics/api"
	"headway/internal/analytics/command"
	"headway/internal/analytics/projection"
	"headway/internal/analytics/query"
	"headway/internal/analytics/readmodel"
	"headway/internal/platform/bus"
	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/limit"
	"headway/internal/platform/repeat"
	"headway/internal/platform/timeseries"
)

// ConsumerName is the name of the service's consumer of workspace events.
const ConsumerName = "analytics"

// Options are what the service needs.
type Options struct {
	// Store remembers where workspaces and tasks stand. Required.
	Store readmodel.Store
	// Series keeps the points. Required.
	Series timeseries.Store
	// Checkpoints say how far the consumer is. Required.
	Checkpoints consumer.Checkpoints
	// Events is the log. Required.
	Events consumer.Source
	// Bus wakes the consumer; nil leaves it to its sweep.
	Bus bus.Bus
	// Pages keeps answers; nil keeps none.
	Pages cache.Cache
	// Limiter counts batches of usage events. Required.
	Limiter limit.Limiter
	// Clock and Log are required.
	Clock clock.Clock
	Log   *slog.Logger
	// Keep is how long single points are kept, 0 for ever. What they come to stays.
	Keep time.Duration
	// Observe, if not nil, is told of each batch of events that was handled.
	Observe func(consumer.Observation)
}

// Module is the service.
type Module struct {
	o        Options
	handlers *api.Handlers
	runner   *consumer.Runner
	counts   struct{ points, batches, accepted, dropped, declined atomic.Uint64 }
}

// Stats are counts since New.
type Stats struct {
	// Points were added to the time series by events.
	Points uint64
	// UsageBatches came in; of their events so many were Accepted or Dropped.
	// Declined batches were not kept, because somebody did not want it.
	UsageBatches, UsageAccepted, UsageDropped, UsageDeclined uint64
}

// New puts the service together.
func New(o Options) (*Module, error) {
	if o.Store == nil || o.Series == nil || o.Checkpoints == nil || o.Events == nil || o.Limiter == nil || o.Clock == nil || o.Log == nil {
		return nil, errors.New("analytics: Store, Series, Checkpoints, Events, Limiter, Clock and Log are required")
	}
	m := &Module{o: o}
	projector := projection.New(o.Store, o.Series)
	projector.Points = func(added int) { m.counts.points.Add(uint64(added)) } // #nosec G115 -- a count
	commands := &command.Service{Store: o.Store, Series: o.Series, Limiter: o.Limiter, Clock: o.Clock, Observe: m.observe}
	m.handlers = api.New(commands, query.New(o.Store, o.Series, o.Clock, o.Keep), o.Pages, o.Clock)
	var err error
	m.runner, err = consumer.New(consumer.Options{
		Name: ConsumerName, Category: eventlog.Workspace, Events: o.Events, Bus: o.Bus, Checkpoints: consumer.Apart(o.Checkpoints),
		Handler: &projection.Handler{Projector: projector, Events: o.Events}, Batch: batch, Clock: o.Clock, Log: o.Log, Observe: o.Observe,
	})
	return m, err
}

// batch is how many events are handled at once: each batch costs three durable
// writes, whatever is in it.
const batch = readmodel.MaxTasks

func (m *Module) observe(o command.Outcome) {
	m.counts.batches.Add(1)
	m.counts.accepted.Add(uint64(o.Accepted)) // #nosec G115 -- a count
	m.counts.dropped.Add(uint64(o.Dropped))   // #nosec G115 -- a count
	if o.Declined {
		m.counts.declined.Add(1)
	}
}

// Stats answers the counts.
func (m *Module) Stats() Stats {
	c := &m.counts
	return Stats{c.points.Load(), c.batches.Load(), c.accepted.Load(), c.dropped.Load(), c.declined.Load()}
}

// Register adds the service's operations to the API.
func (m *Module) Register(a huma.API) { m.handlers.Register(a) }

// Runner is the service's consumer, for its figures and for a replay.
func (m *Module) Runner() *consumer.Runner { return m.runner }

// Run does the service's work until ctx ends.
func (m *Module) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	if m.o.Keep > 0 {
		all.Go(func() { m.housekeep(ctx) })
	}
	return m.runner.Run(ctx)
}

// housekeeping is how often old points are dropped. They go by whole days.
const housekeeping = time.Hour

// housekeep drops what is old until ctx ends.
func (m *Module) housekeep(ctx context.Context) {
	repeat.Every(ctx, housekeeping, func(ctx context.Context) {
		if err := m.Retain(ctx); err != nil && ctx.Err() == nil {
			m.o.Log.WarnContext(ctx, "old points could not be dropped; it is tried again", "cause", err, "after", housekeeping)
		}
	})
}

// Retain drops once what is old.
func (m *Module) Retain(ctx context.Context) error {
	if m.o.Keep <= 0 {
		return nil
	}
	return m.o.Series.Retain(ctx, timeseries.Retention{Points: m.o.Clock.Now().Add(-m.o.Keep)})
}
