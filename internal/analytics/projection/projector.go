package projection

import (
	"context"
	"fmt"

	"headway/internal/analytics/readmodel"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/timeseries"
	"headway/internal/task/event"
)

// Projector writes what events bring about. It is safe for concurrent use,
// also by several processes at the same events.
type Projector struct {
	store  readmodel.Store
	series timeseries.Store
	known  known
	// Points, if not nil, is told how many points were added.
	Points func(added int)
}

// New makes a projector over the store and the series.
func New(store readmodel.Store, series timeseries.Store) *Projector {
	return &Projector{store: store, series: series, Points: func(int) {}}
}

// Batch is decoded events of one workspace, consecutive.
type Batch struct {
	workspace  ids.ID
	generation uint64
	events     []decoded
	last       uint64
}

// Decode reads the payloads that matter. Its error is the event's fault.
func Decode(workspace ids.ID, generation uint64, events []eventlog.Event) (*Batch, error) {
	b := &Batch{workspace: workspace, generation: generation, events: make([]decoded, len(events))}
	for i := range events {
		e := &events[i]
		b.events[i].Event = e
		b.last = max(b.last, e.Seq)
		t := event.Type(e.Type)
		if !needs(t) {
			if event.Version(t) == 0 {
				return nil, fmt.Errorf("analytics: event %d: %w %q", e.Seq, event.ErrUnknownType, e.Type)
			}
			continue
		}
		p, err := event.Decode(t, e.Version, e.Data)
		if err != nil {
			return nil, fmt.Errorf("analytics: event %d: %w", e.Seq, err)
		}
		b.events[i].payload = p
	}
	return b, nil
}

// Apply writes a batch: first its points, which are known by what the events
// are, then the tasks, then the frame. Cut off anywhere it leaves what the
// next try completes: a row at a seq says that the points up to there are in.
func (p *Projector) Apply(ctx context.Context, b *Batch) error {
	frame, err := p.frame(ctx, b)
	if err != nil {
		return err
	}
	tasks, err := p.tasks(ctx, b)
	if err != nil {
		return err
	}
	fresh := map[activity]struct{}{}
	f := &fold{
		generation: b.generation, frame: frame, tasks: tasks, touched: map[ids.ID]bool{},
		seen: func(a activity) bool {
			if _, ok := fresh[a]; ok || p.known.has(a) {
				return true
			}
			fresh[a] = struct{}{}
			return false
		},
	}
	for _, d := range b.events {
		f.apply(d)
	}
	frame.Version = max(frame.Version, readmodel.At(b.generation, b.last))
	return p.write(ctx, f, fresh)
}

func (p *Projector) write(ctx context.Context, f *fold, fresh map[activity]struct{}) error {
	if len(f.points) > 0 {
		done, err := p.series.Insert(ctx, f.points)
		if err != nil {
			return err
		}
		p.Points(done.New)
	}
	written := make([]activity, 0, len(fresh))
	for a := range fresh {
		written = append(written, a)
	}
	p.known.add(written)
	changed := make([]*readmodel.Task, 0, len(f.touched))
	for id := range f.touched {
		changed = append(changed, f.tasks[id])
	}
	return p.store.Save(ctx, f.frame, changed)
}

// frame answers the workspace's frame to be changed. That of an earlier
// generation counts for nothing.
func (p *Projector) frame(ctx context.Context, b *Batch) (*readmodel.Frame, error) {
	frame, err := p.store.Frame(ctx, b.workspace)
	switch {
	case err != nil:
		return nil, err
	case frame == nil || frame.Version.Generation() < b.generation:
		return readmodel.NewFrame(b.workspace, readmodel.At(b.generation, 0)), nil
	}
	return frame.Clone(), nil
}

// tasks answers those of the batch's tasks that are there in its generation.
func (p *Projector) tasks(ctx context.Context, b *Batch) (map[ids.ID]*readmodel.Task, error) {
	seen := map[ids.ID]bool{}
	var list []ids.ID
	for _, d := range b.events {
		switch d.payload.(type) {
		case *event.TaskData, *event.TaskPatch, *event.TaskGone:
			if !seen[d.Entity] {
				seen[d.Entity] = true
				list = append(list, d.Entity)
			}
		}
	}
	if len(list) == 0 {
		return map[ids.ID]*readmodel.Task{}, nil
	}
	tasks, err := p.store.Tasks(ctx, b.workspace, list)
	for id, t := range tasks {
		if t.Version.Generation() < b.generation {
			delete(tasks, id)
		}
	}
	return tasks, err
}

// Forget removes what was made of a workspace's events.
func (p *Projector) Forget(ctx context.Context, workspace ids.ID) error {
	p.known.clear()
	if err := p.series.Forget(ctx, workspace); err != nil {
		return err
	}
	return p.store.Forget(ctx, workspace)
}
