// Package notification is the notification service: an inbox for each person,
// made of the events of workspaces, and mails of what is in it. Of the task
// service it knows the published language alone.
package notification

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/notification/api"
	"headway/internal/notification/command"
	"headway/internal/notification/delivery"
	"headway/internal/notification/domain"
	"headway/internal/notification/projection"
	"headway/internal/notification/query"
	"headway/internal/notification/reminder"
	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/bus"
	"headway/internal/platform/clock"
	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/mail"
	"headway/internal/platform/peer/contacts"
	"headway/internal/platform/repeat"
)

// ConsumerName is the name of the service's consumer of workspace events.
const ConsumerName = "notification"

// UnsubscribePath is where the links in mails lead, beside the API's operations.
const UnsubscribePath = api.UnsubscribePath

// Sources are what the service's consumer stands on.
type Sources struct {
	// Store keeps everything. Required.
	Store store.Store
	// Checkpoints are those that the store's effects commit with. Required.
	Checkpoints consumer.Checkpoints
	// Events is the log. Required.
	Events consumer.Source
	// Bus wakes the consumer; nil leaves it to its sweep.
	Bus bus.Bus
	// Clock and Log are required.
	Clock clock.Clock
	Log   *slog.Logger
}

// Options are what the service needs.
type Options struct {
	Sources
	// Mail sends mails. Required.
	Mail mail.Sender
	// Domain is that of their Message-IDs.
	Domain string
	// Contacts knows how people are reached. Required.
	Contacts contacts.Directory
	// PublicURL is where people reach the web app, without a slash at its end.
	PublicURL string
}

// Module is the service.
type Module struct {
	o         Options
	handlers  *api.Handlers
	runner    *consumer.Runner
	reminders *reminder.Worker
	delivery  *delivery.Worker
	queue     queue
}

// New puts the service together. It makes the installation's secret in a new store.
func New(ctx context.Context, o Options) (*Module, error) {
	if o.Mail == nil || o.Contacts == nil {
		return nil, errors.New("notification: Mail and Contacts are required")
	}
	settings, err := o.settings(ctx)
	if err != nil {
		return nil, err
	}
	runner, err := o.runner(settings)
	if err != nil {
		return nil, err
	}
	return &Module{
		o: o, runner: runner,
		handlers: &api.Handlers{
			Commands: &command.Service{Store: o.Store, Secret: settings.Secret},
			Queries:  &query.Service{Store: o.Store},
		},
		reminders: &reminder.Worker{Store: o.Store, Clock: o.Clock, Log: o.Log, Began: settings.Began},
		delivery: &delivery.Worker{
			Store: o.Store, Contacts: o.Contacts, Mail: o.Mail, Clock: o.Clock, Log: o.Log, PublicURL: o.PublicURL,
			UnsubscribePath: UnsubscribePath, Secret: settings.Secret, Domain: o.Domain,
		},
	}, nil
}

// NewRunner makes the service's consumer alone, for a replay.
func NewRunner(ctx context.Context, s Sources) (*consumer.Runner, error) {
	settings, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	return s.runner(settings)
}

func (s *Sources) settings(ctx context.Context) (state.Settings, error) {
	if s.Store == nil || s.Checkpoints == nil || s.Events == nil || s.Clock == nil || s.Log == nil {
		return state.Settings{}, errors.New("notification: Store, Checkpoints, Events, Clock and Log are required")
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	settings, err := s.Store.Settings(ctx, state.Settings{Began: s.Clock.Now(), Secret: secret})
	if err != nil {
		return settings, fmt.Errorf("notification: %w", err)
	}
	return settings, nil
}

func (s *Sources) runner(settings state.Settings) (*consumer.Runner, error) {
	return consumer.New(consumer.Options{
		Name: ConsumerName, Category: eventlog.Workspace, Events: s.Events, Bus: s.Bus, Checkpoints: s.Checkpoints,
		Handler: &projection.Handler{Store: s.Store, Clock: s.Clock, Began: settings.Began},
		Clock:   s.Clock, Log: s.Log,
	})
}

// Register adds the service's operations to the API and to the mux that it is on.
func (m *Module) Register(a huma.API, mux *http.ServeMux) { m.handlers.Register(a, mux) }

// Runner is the service's consumer, for its figures and for a replay.
func (m *Module) Runner() *consumer.Runner { return m.runner }

// Run does the service's work until ctx ends.
func (m *Module) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { m.reminders.Run(ctx) })
	all.Go(func() { m.delivery.Run(ctx) })
	all.Go(func() { m.housekeep(ctx) })
	all.Go(func() { m.queue.watch(ctx, m.o.Store) })
	return m.runner.Run(ctx)
}

// Housekeeping.
const (
	housekeeping = 10 * time.Minute
	purgeBatch   = 500
)

// housekeep drops what is old until ctx ends.
func (m *Module) housekeep(ctx context.Context) {
	repeat.Every(ctx, housekeeping, func(ctx context.Context) {
		if err := m.Purge(ctx); err != nil && ctx.Err() == nil {
			m.o.Log.WarnContext(ctx, "old notices could not be dropped; it is tried again", "cause", err, "after", housekeeping)
		}
	})
}

// Purge drops once what is old.
func (m *Module) Purge(ctx context.Context) error {
	for {
		now := m.o.Clock.Now()
		n, err := m.o.Store.Purge(ctx, now.Add(-domain.Keep), now.Add(-domain.KeepSent), purgeBatch)
		if err != nil || n < purgeBatch {
			return err
		}
	}
}

// CatchUp handles the events that nobody has handled, once.
func (m *Module) CatchUp(ctx context.Context) error { return m.runner.CatchUp(ctx) }

// Remind looks once at what is due.
func (m *Module) Remind(ctx context.Context) error { return m.reminders.All(ctx) }

// Send sends once what is due.
func (m *Module) Send(ctx context.Context) error { return m.delivery.All(ctx) }
