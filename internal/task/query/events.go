package query

import (
	"bytes"
	"encoding/json"
	"strconv"

	"headway/internal/apperr"
	"headway/internal/platform/eventlog"
	"headway/internal/task/event"
)

// stampLayout is how times are sent: RFC 3339, UTC, milliseconds.
const stampLayout = "2006-01-02T15:04:05.000Z07:00"

// appendEvent appends one event as history and the live stream send it:
// {"seq","type","entity","scope","actor","at","cause","data"}; scope is "" for
// the whole workspace.
func (v *Viewer) appendEvent(b []byte, e *eventlog.Event) ([]byte, error) {
	data, err := v.shownData(e)
	if err != nil {
		return nil, err
	}
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, e.Seq, 10)
	b = append(b, `,"type":"`...)
	b = append(b, e.Type...)
	b = append(b, `","entity":"`...)
	b = e.Entity.AppendTo(b)
	b = append(b, `","scope":"`...)
	if !e.Scope.IsZero() {
		b = e.Scope.AppendTo(b)
	}
	b = append(b, `","actor":"`...)
	b = e.Actor.AppendTo(b)
	b = append(b, `","at":"`...)
	b = e.At.UTC().AppendFormat(b, stampLayout)
	b = append(b, `","cause":`...)
	b = appendPlainString(b, e.Cause)
	b = append(b, `,"data":`...)
	b = append(b, data...)
	return append(b, '}'), nil
}

// appendPlainString appends s as a JSON string; causes are plain ASCII, so
// the encoder is asked only where one is not.
func appendPlainString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always encodes
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// shownData answers an event's payload as it may be sent: an invitation's
// without the hash of its secret, and a guest is not told where a task came
// from that arrived out of a project that they do not see.
func (v *Viewer) shownData(e *eventlog.Event) ([]byte, error) {
	if len(e.Data) == 0 {
		return []byte("{}"), nil
	}
	switch t := event.Type(e.Type); {
	case t == event.InvitationCreated || t == event.InvitationRevoked:
		return without(e, "tokenHash")
	case !v.Access.All && bytes.Contains(e.Data, []byte(`"project":{`)):
		payload, err := event.Decode(t, e.Version, e.Data)
		if err != nil {
			return nil, apperr.Wrap(err, "reading an event")
		}
		if p, ok := payload.(*event.TaskPatch); ok && p.Project != nil && !v.Access.Allows(p.Project.From) {
			return without(e, "project", "column", "number", "position")
		}
	}
	return e.Data, nil
}

// without answers an event's payload without some of its members.
func without(e *eventlog.Event, members ...string) ([]byte, error) {
	var data map[string]json.RawMessage
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return nil, apperr.Wrap(err, "event %d of a workspace does not decode", e.Seq)
	}
	for _, m := range members {
		delete(data, m)
	}
	return encode(data)
}

// appendEvents appends those of the events that the viewer may see, as the inside of an array.
func (v *Viewer) appendEvents(b []byte, events []eventlog.Event) ([]byte, error) {
	first := true
	for i := range events {
		e := &events[i]
		if !v.SeesEvent(event.Type(e.Type), e.Entity, e.Scope) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		var err error
		if b, err = v.appendEvent(b, e); err != nil {
			return nil, err
		}
	}
	return b, nil
}
