package consumertest

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"headway/internal/platform/bus"
)

// Unruly is a bus whose messages are dropped, doubled, delayed, and so
// reordered, and now and then tell of what is not there.
type Unruly struct {
	bus.Bus
	random *dice
	late   sync.WaitGroup
}

// NewUnruly makes one of a bus.
func NewUnruly(b bus.Bus, seed uint64) *Unruly { return &Unruly{Bus: b, random: newDice(seed)} }

// Publish implements bus.Bus.
func (u *Unruly) Publish(ctx context.Context, m bus.Reached) error {
	if u.random.oneIn(10) {
		m.Seq = uint64(u.random.below(1000)) // #nosec G115 -- small
	}
	for copies := u.random.below(4); copies > 0; copies-- { // none, one, two or three
		if wait := u.random.below(20); wait < 10 {
			if err := u.Bus.Publish(ctx, m); err != nil {
				return err
			}
		} else {
			u.late.Go(func() {
				time.Sleep(time.Duration(wait) * time.Millisecond)
				// One that is lost is one of those that are dropped.
				_ = u.Bus.Publish(context.WithoutCancel(ctx), m)
			})
		}
	}
	return nil
}

// Settle returns once no message is late.
func (u *Unruly) Settle() { u.late.Wait() }

// dice are random choices, the same for the same seed and order of asking.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64) *dice {
	return &dice{r: rand.New(rand.NewPCG(seed, 1))} // #nosec G404 -- a test's choices
}

func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

func (d *dice) oneIn(n int) bool { return d.below(n) == 0 }
