package readmodel

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// ErrRow is answered for a stored row that AppendCard and AppendDetail did not write.
var ErrRow = errors.New("readmodel: a stored row is damaged")

// DecodeTask reads back what AppendCard and AppendDetail wrote. detail may be
// nil; then the task's Detail is nil. Empty lists come back as nil.
func DecodeTask(card, detail []byte) (*state.Task, error) {
	r := reader{b: card}
	t := &state.Task{}
	t.ID = r.id(`{"id":`)
	t.Project = r.id(`,"project":`)
	t.Column = r.id(`,"column":`)
	t.Number = r.uint(`,"number":`)
	t.Title = r.text(`,"title":`)
	t.Priority = priority(r.text(`,"priority":`))
	t.Labels = r.ids(`,"labels":`)
	t.Assignees = r.ids(`,"assignees":`)
	t.Start = event.Date(r.text(`,"start":`))
	t.Due = event.Date(r.text(`,"due":`))
	t.Position = r.text(`,"position":`)
	t.State = event.Lifecycle(r.text(`,"state":`))
	r.literal(`,"completedAt":`)
	if !r.optional("null") {
		at := r.time("")
		t.Completed = &at
	}
	t.ItemsDone = r.int(`,"itemsDone":`)
	t.ItemsTotal = r.int(`,"itemsTotal":`)
	t.Comments = r.int(`,"comments":`)
	t.Attachments = r.int(`,"attachments":`)
	t.HasDescription = r.bool(`,"hasDescription":`)
	t.CreatedAt = r.time(`,"createdAt":`)
	t.CreatedBy = r.id(`,"createdBy":`)
	t.UpdatedAt = r.time(`,"updatedAt":`)
	t.Seq = r.uint(`,"seq":`)
	r.literal("}")
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	if detail == nil {
		return t, nil
	}
	var err error
	t.Detail, err = DecodeDetail(detail)
	return t, err
}

// DecodeDetail reads back what AppendDetail wrote.
func DecodeDetail(b []byte) (*state.Detail, error) {
	r := reader{b: b}
	d := &state.Detail{Description: r.text(`"description":`)}
	r.literal(`,"items":[`)
	for !r.optional("]") && r.err == nil {
		if len(d.Items) > 0 {
			r.literal(",")
		}
		d.Items = append(d.Items, event.Item{
			ID: r.id(`{"id":`), List: r.text(`,"list":`), Title: r.text(`,"title":`),
			Done: r.bool(`,"done":`), Position: r.text(`,"position":`),
		})
		r.literal("}")
	}
	r.literal(`,"attachmentLinks":[`)
	for !r.optional("]") && r.err == nil {
		if len(d.Attachments) > 0 {
			r.literal(",")
		}
		d.Attachments = append(d.Attachments, event.Attachment{
			ID: r.id(`{"id":`), Name: r.text(`,"name":`), URL: r.text(`,"url":`),
		})
		r.literal("}")
	}
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	return d, nil
}

// priority spares the usual values a string of their own.
func priority(s string) event.Priority {
	if s == string(event.NoPriority) {
		return event.NoPriority
	}
	return event.Priority(s)
}

// reader reads the fixed shape from front to back. After the first mismatch
// err is set and everything answers zeros.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: expected %s at byte %d", ErrRow, what, r.at)
	}
}

func (r *reader) optional(lit string) bool {
	if r.err == nil && len(r.b)-r.at >= len(lit) && string(r.b[r.at:r.at+len(lit)]) == lit {
		r.at += len(lit)
		return true
	}
	return false
}

func (r *reader) literal(lit string) {
	if r.err == nil && !r.optional(lit) {
		r.fail(lit)
	}
}

func (r *reader) end() {
	if r.at != len(r.b) {
		r.fail("the end")
	}
}

// quoted answers what stands between quotes, still escaped.
func (r *reader) quoted(key string) (raw []byte, escaped bool) {
	r.literal(key)
	r.literal(`"`)
	if r.err != nil {
		return nil, false
	}
	for i := r.at; i < len(r.b); i++ {
		switch r.b[i] {
		case '"':
			raw = r.b[r.at:i]
			r.at = i + 1
			return raw, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	r.fail("a closing quote")
	return nil, false
}

func (r *reader) text(key string) string {
	start := r.at + len(key)
	raw, escaped := r.quoted(key)
	if !escaped {
		return string(raw)
	}
	var s string
	if err := json.Unmarshal(r.b[start:r.at], &s); err != nil {
		r.fail("a string")
	}
	return s
}

func (r *reader) id(key string) ids.ID {
	raw, _ := r.quoted(key)
	if r.err != nil {
		return ids.Nil
	}
	return r.parseID(raw)
}

func (r *reader) parseID(raw []byte) ids.ID {
	var id ids.ID
	if len(raw) != 36 {
		r.fail("an id")
		return ids.Nil
	}
	n := 0
	for i := 0; i < len(raw); i += 2 {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if raw[i] != '-' {
				r.fail("an id")
				return ids.Nil
			}
			i++
		}
		hi, lo := nibble(raw[i]), nibble(raw[i+1])
		if hi > 15 || lo > 15 {
			r.fail("an id")
			return ids.Nil
		}
		id[n] = hi<<4 | lo
		n++
	}
	return id
}

func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

func (r *reader) ids(key string) []ids.ID {
	r.literal(key)
	r.literal("[")
	if r.optional("]") {
		return nil
	}
	var out []ids.ID
	for r.err == nil {
		out = append(out, r.id(""))
		if r.optional("]") {
			break
		}
		r.literal(",")
	}
	return out
}

func (r *reader) number(key string) string {
	r.literal(key)
	start := r.at
	for r.at < len(r.b) && (r.b[r.at] >= '0' && r.b[r.at] <= '9' || r.b[r.at] == '-') {
		r.at++
	}
	return string(r.b[start:r.at])
}

func (r *reader) uint(key string) uint64 {
	n, err := strconv.ParseUint(r.number(key), 10, 64)
	if err != nil {
		r.fail("a number")
	}
	return n
}

func (r *reader) int(key string) int {
	n, err := strconv.Atoi(r.number(key))
	if err != nil {
		r.fail("a number")
	}
	return n
}

func (r *reader) bool(key string) bool {
	r.literal(key)
	if r.optional("true") {
		return true
	}
	r.literal("false")
	return false
}

func (r *reader) time(key string) time.Time {
	raw, _ := r.quoted(key)
	if r.err != nil {
		return time.Time{}
	}
	t, err := time.Parse(timeLayout, string(raw))
	if err != nil {
		r.fail("a time")
	}
	return t
}
