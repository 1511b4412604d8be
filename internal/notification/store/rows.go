package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/platform/ids"
)

// Mail is what a notice that is to be mailed puts into the outbox.
func Mail(n *state.Notice) state.Outgoing {
	return state.Outgoing{
		User: n.User, ID: domain.OutgoingID(n.ID, state.Email), Notice: n.ID, Channel: state.Email,
		Created: n.At, Due: n.At.Add(domain.Settles), State: state.Pending,
	}
}

// Of leaves out what is not of the generation.
func Of(generation uint64, frame *state.Frame, found map[ids.ID]state.Task) (*state.Frame, map[ids.ID]state.Task) {
	if frame != nil && frame.Version.Generation() != generation {
		frame = nil
	}
	for id := range found {
		if t := found[id]; t.Version.Generation() != generation {
			delete(found, id)
		}
	}
	return frame, found
}

// Earlier orders reminders by time, and then by what they are of.
func Earlier(a, b state.Reminder) int {
	return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.Workspace[:], b.Workspace[:]), bytes.Compare(a.Task[:], b.Task[:]), cmp.Compare(a.Version, b.Version))
}

// Dump gathers what Store.Dump writes.
type Dump struct {
	Frames    []state.Frame    `json:",omitempty"`
	Tasks     []state.Task     `json:",omitempty"`
	Notices   []state.Notice   `json:",omitempty"`
	Reminders []state.Reminder `json:",omitempty"`
}

// Bytes writes it in an order of its own, without notices that are hidden for
// good, and without the generations: a replay gives the same.
func (d *Dump) Bytes() ([]byte, error) {
	d.Notices = slices.DeleteFunc(d.Notices, func(n state.Notice) bool {
		return n.Hidden == state.Undone || n.Hidden == state.Replaying
	})
	for i := range d.Notices {
		d.Notices[i].Version, d.Notices[i].At = 0, d.Notices[i].At.UTC()
	}
	for i := range d.Frames {
		d.Frames[i].Version = within(d.Frames[i].Version)
	}
	for i := range d.Tasks {
		d.Tasks[i].Version = within(d.Tasks[i].Version)
	}
	for i := range d.Reminders {
		d.Reminders[i].Version, d.Reminders[i].At = within(d.Reminders[i].Version), d.Reminders[i].At.UTC()
	}
	compare := func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(d.Frames, func(a, b state.Frame) int { return compare(a.Workspace, b.Workspace) })
	slices.SortFunc(d.Tasks, func(a, b state.Task) int {
		return cmp.Or(compare(a.Workspace, b.Workspace), compare(a.ID, b.ID))
	})
	slices.SortFunc(d.Notices, func(a, b state.Notice) int { return cmp.Or(compare(a.User, b.User), compare(a.ID, b.ID)) })
	slices.SortFunc(d.Reminders, Earlier)
	out, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, fmt.Errorf("notification store: dump: %w", err)
	}
	return out, nil
}

// within drops the generation.
func within(v state.Version) state.Version { return v & (state.At(1, 0) - 1) }

// Milli is a time as it is kept.
func Milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
