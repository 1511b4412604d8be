// Package poll finds out what a bus without broadcast cannot tell: it asks the
// event log at intervals which streams have changed. That costs one small
// query each time, and by what changed, not by how many streams there are.
package poll

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/eventlog"
)

// Source is what is asked: the part of eventlog.Log that tells of changes.
type Source interface {
	Changed(ctx context.Context, category eventlog.Category, after eventlog.Cursor, limit int) ([]eventlog.StreamHead, eventlog.Cursor, error)
	Newest(ctx context.Context, category eventlog.Category) (eventlog.Cursor, error)
}

// Options say what is asked and how often.
type Options struct {
	Source Source
	// Categories are those told of; none is all.
	Categories []eventlog.Category
	// Every is the time between two looks; 0 is a second.
	Every time.Duration
	// Log hears when the source cannot be asked; nil is silence.
	Log *slog.Logger
}

// page is how many streams one query answers.
const page = 500

// Run tells of each stream that changes from now on, at its newest seq then,
// until ctx ends; then it returns nil. ready, if not nil, is closed once
// changes are being seen. What changes while the source cannot be asked is
// told of when it can.
func Run(ctx context.Context, o Options, ready chan<- struct{}, tell func(bus.Reached)) error {
	if o.Source == nil {
		return errors.New("bus/poll: Source is required")
	}
	if len(o.Categories) == 0 {
		o.Categories = []eventlog.Category{eventlog.Workspace, eventlog.Account}
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &poller{Options: o, tell: tell, places: map[eventlog.Category]eventlog.Cursor{}}
	ticks := time.NewTicker(o.Every)
	defer ticks.Stop()
	for {
		p.note(p.look(ctx))
		if ready != nil && len(p.places) == len(o.Categories) {
			close(ready)
			ready = nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}

type poller struct {
	Options
	tell   func(bus.Reached)
	places map[eventlog.Category]eventlog.Cursor // of the categories that were begun
	failed bool
}

// look goes on in each category, or begins there.
func (p *poller) look(ctx context.Context) error {
	for _, category := range p.Categories {
		place, begun := p.places[category]
		if !begun {
			newest, err := p.Source.Newest(ctx, category)
			if err != nil {
				return err
			}
			p.places[category] = newest
			continue
		}
		for {
			heads, to, err := p.Source.Changed(ctx, category, place, page)
			if err != nil {
				return err
			}
			for _, h := range heads {
				p.tell(bus.Reached{Stream: h.Stream, Seq: h.Head})
			}
			place = to
			p.places[category] = to
			if len(heads) < page {
				break
			}
		}
	}
	return ctx.Err()
}

// note logs when looking begins to fail, and when it works again.
func (p *poller) note(err error) {
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil && !p.failed:
		p.failed = true
		p.Log.Warn("the log cannot be asked for changes; asking again until it can", "cause", err)
	case err == nil && p.failed:
		p.failed = false
		p.Log.Info("the log can be asked for changes again")
	}
}
