package consumer

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"headway/internal/platform/bus"
	"headway/internal/platform/clock"
	"headway/internal/platform/eventlog"
)

// Options are what a Runner stands on. Those without a word on zero are required.
type Options struct {
	// Name is the consumer's, and its group's on the bus: a to z, 0 to 9 and
	// the hyphen. What has another handler or category has another name.
	Name     string
	Category eventlog.Category
	Events   Source
	// Bus wakes the consumer; nil leaves it to the sweep. It must carry
	// wake-ups of the category alone.
	Bus         bus.Bus
	Checkpoints Checkpoints
	Handler     Handler

	// Batch is how many events a handler is given at most; 0 is 256.
	Batch int
	// BatchBytes bounds their payloads, but for a single event; 0 is 4 MiB.
	BatchBytes int
	// Parallel is how many streams are handled at once; 0 is 8.
	Parallel int
	// Queue is how many streams wait in memory at most; 0 is 10,000. While it
	// is full, wake-ups wait in the bus and the sweep stands still.
	Queue int
	// Tries is after how many an event is set aside that is at fault; 0 is 3.
	Tries int
	// MaxAside is how many may be set aside; 0 is 1,000. A consumer that would
	// exceed it is at fault itself, and waits to be mended.
	MaxAside int
	// Backoff is the wait before the second try, doubled with each up to
	// MaxBackoff; 0 is 100 ms and 30 s.
	Backoff, MaxBackoff time.Duration
	// Timeout ends the context of a try; 0 is 30 s.
	Timeout time.Duration
	// SweepEvery is the time between two sweeps; 0 is 5 s.
	SweepEvery time.Duration

	// Clock is the machine's where nil.
	Clock clock.Clock
	// Log hears of what is set aside and of stores that are away; nil is silence.
	Log *slog.Logger
	// Observe, if not nil, is told of each batch that was handled. It must be quick.
	Observe func(Observation)
}

// Observation is one handled batch.
type Observation struct {
	Events int
	// Lag is the time from the batch's first event to its commit.
	Lag time.Duration
}

// fill checks the options and answers them with their defaults in place.
func (o Options) fill() (Options, error) {
	var errs []error
	if !bus.ValidGroup(o.Name) {
		errs = append(errs, fmt.Errorf("consumer: %q cannot name a consumer; use a to z, 0 to 9 and the hyphen", o.Name))
	}
	for what, missing := range map[string]bool{
		"Category": o.Category == "", "Events": o.Events == nil, "Checkpoints": o.Checkpoints == nil, "Handler": o.Handler == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("consumer: %s is required", what))
		}
	}
	for what, v := range map[string]int64{
		"Batch": int64(o.Batch), "BatchBytes": int64(o.BatchBytes), "Parallel": int64(o.Parallel), "Queue": int64(o.Queue), "Tries": int64(o.Tries),
		"MaxAside": int64(o.MaxAside), "Backoff": int64(o.Backoff), "MaxBackoff": int64(o.MaxBackoff), "Timeout": int64(o.Timeout), "SweepEvery": int64(o.SweepEvery),
	} {
		if v < 0 {
			errs = append(errs, fmt.Errorf("consumer: %s must not be negative, is %d", what, v))
		}
	}
	orInt := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	orInt(&o.Batch, 256)
	orInt(&o.BatchBytes, 4<<20)
	orInt(&o.Parallel, 8)
	orInt(&o.Queue, 10_000)
	orInt(&o.Tries, 3)
	orInt(&o.MaxAside, 1000)
	orTime := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	orTime(&o.Backoff, 100*time.Millisecond)
	orTime(&o.MaxBackoff, 30*time.Second)
	orTime(&o.Timeout, 30*time.Second)
	orTime(&o.SweepEvery, 5*time.Second)
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	o.Log = o.Log.With("consumer", o.Name)
	return o, errors.Join(errs...)
}

// wait answers the time before the next try, after so many have failed, not
// the same for all, so that what failed together does not come back together.
func (o *Options) wait(failed int) time.Duration {
	wait := o.Backoff
	for ; failed > 1 && wait < o.MaxBackoff; failed-- {
		wait *= 2
	}
	return jitter(min(wait, o.MaxBackoff))
}
