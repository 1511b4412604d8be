package bus

import (
	"slices"
	"time"

	"headway/internal/platform/ids"
)

// maxDead bounds the dead letters that a group keeps in memory.
const maxDead = 1000

// group is the queue that the consumers of one group take from.
type group struct {
	*queue
	tries map[ids.ID]int // failed ones of streams whose last one failed
	dead  []DeadLetter   // oldest first
}

// pass hands the token on, for a consumer that took it and leaves work behind.
func (g *group) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.order) > 0 {
		g.wake()
	}
}

func (g *group) succeeded(message Reached) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.tries, message.Stream)
}

// failed has the message come again later, or gives it up.
func (g *group) failed(message Reached, reason error, retry Retry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tries[message.Stream]++
	tries := g.tries[message.Stream]
	if tries < retry.Deliveries {
		time.AfterFunc(retry.Wait(tries), func() { g.put(message) })
		return
	}
	delete(g.tries, message.Stream)
	if len(g.dead) == maxDead {
		g.dead = slices.Delete(g.dead, 0, 1)
	}
	g.dead = append(g.dead, DeadLetter{Reached: message, Deliveries: tries, Reason: reason.Error(), At: time.Now().UTC()})
}

func (g *group) letters(limit int) []DeadLetter {
	g.mu.Lock()
	defer g.mu.Unlock()
	newest := slices.Clone(g.dead[max(0, len(g.dead)-limit):])
	slices.Reverse(newest)
	return newest
}
