package projection

import (
	"context"
	"errors"
	"fmt"

	"headway/internal/platform/consumer"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/task/event"
)

// Handler has a consumer run a Projector. Its checkpoints must be apart
// (consumer.Apart): points, rows and checkpoints may be in three databases,
// and are written in that order.
type Handler struct {
	Projector *Projector
	// Events is the log, of whose workspaces a replay drops everything.
	Events consumer.Source
}

var _ consumer.Handler = (*Handler)(nil)

// errLate is answered for an event that was set aside and is tried again.
var errLate = errors.New("analytics: what came after the event was counted without it; run `headway replay analytics` to count everything anew")

// Handle implements consumer.Handler.
func (h *Handler) Handle(_ context.Context, batch consumer.Batch) (consumer.Effect, error) {
	if batch.Late {
		for i := range batch.Events {
			if needs(event.Type(batch.Events[i].Type)) {
				return nil, consumer.Poison(errLate)
			}
		}
	}
	b, err := Decode(batch.Stream, batch.Generation, batch.Events)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ consumer.Tx) error {
		err := h.Projector.Apply(ctx, b)
		var input *timeseries.InputError
		if errors.As(err, &input) {
			return consumer.Poison(err) // no retry would change the point
		}
		return err
	}, nil
}

// streams is how many workspaces are asked of the log at once.
const streams = 500

// Reset implements consumer.Handler.
func (h *Handler) Reset(ctx context.Context, _ consumer.Tx) error {
	newest, err := h.Events.Newest(ctx, eventlog.Workspace)
	if err != nil {
		return err
	}
	for at := eventlog.Cursor(0); ; {
		heads, to, err := h.Events.Changed(ctx, eventlog.Workspace, at, streams)
		if err != nil {
			return err
		}
		for _, head := range heads {
			if err := h.forget(ctx, head.Stream); err != nil {
				return err
			}
		}
		if to == at || to >= newest && len(heads) == 0 {
			return nil
		}
		at = to
	}
}

func (h *Handler) forget(ctx context.Context, workspace ids.ID) error {
	if err := h.Projector.Forget(ctx, workspace); err != nil {
		return fmt.Errorf("analytics: drop what was made of workspace %s: %w", workspace, err)
	}
	return nil
}
