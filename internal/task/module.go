// Package task is the task service: workspaces with their members, projects,
// tasks and all that hangs on them. This file puts it together: what it needs
// and what it offers.
package task

import (
	"log/slog"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/platform/cache"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/live"
	"headway/internal/task/api"
	"headway/internal/task/command"
	"headway/internal/task/query"
	"headway/internal/task/readmodel"
)

// Hub is the hub that the service's live streams hang on.
type Hub = live.Hub[*query.Viewer]

// Module is the task service.
type Module struct {
	commands *command.Service
	queries  *query.Service
	streams  *api.Streams
	handlers *api.Handlers
}

// New puts the service together over a store's two sides and the event log.
// pages may be nil to keep no pages.
//
// The caller hands every durable commit of the store to Committed, in order
// per workspace, and drains the hub before the process ends.
func New(store command.Store, reader readmodel.Reader, events eventlog.Log, pages cache.Cache, hub *Hub, c clock.Clock, log *slog.Logger, settings api.Settings) *Module {
	m := &Module{
		commands: command.NewService(store, c),
		queries:  query.New(reader, events, pages),
	}
	m.streams = api.NewStreams(hub, m.queries, log)
	m.handlers = api.NewHandlers(m.commands, m.queries, m.streams, c, settings)
	return m
}

// Register adds the service's operations to the API.
func (m *Module) Register(a huma.API) { m.handlers.Register(a) }

// Committed tells the live streams of a commit that is durable.
func (m *Module) Committed(c readmodel.Commit) { m.streams.Committed(c) }

// Commands is the write side, for importers.
func (m *Module) Commands() *command.Service { return m.commands }

// Queries is the read side, for importers.
func (m *Module) Queries() *query.Service { return m.queries }
