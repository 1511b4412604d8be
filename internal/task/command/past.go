package command

import (
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// scanBack is how many events a command looks back over, in the writer's turn.
const scanBack = 1000

// original reports whether the actor recorded an event of the type on the
// entity whose payload matches, among the newest scanBack events. It answers a
// repeated create: the thing may have been changed since, the event has not.
func (d *decision) original(entity ids.ID, t event.Type, match func(event.Payload) bool) (bool, error) {
	before := d.Head() + 1
	// A repeat mostly comes soon after the first time, so the look back widens.
	for size, seen := 20, 0; seen < scanBack; size *= 4 {
		past, err := d.Past(before, min(size, scanBack-seen))
		if err != nil || len(past) == 0 {
			return false, err
		}
		seen += len(past)
		before = past[len(past)-1].Seq
		for _, ev := range past {
			if ev.Entity != entity || ev.Type != string(t) || ev.Actor != d.actor {
				continue
			}
			p, err := event.Decode(t, ev.Version, ev.Data)
			if err != nil {
				return false, err
			}
			if match(p) {
				return true, nil
			}
		}
	}
	return false, nil
}
