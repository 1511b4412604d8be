package timeseries

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Day is the unit of retention.
const Day = 24 * time.Hour

// first and last bound the times that points may have.
var (
	first = time.Unix(0, 0).UTC()
	last  = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Check answers what is wrong with points, an *InputError, or nil.
func Check(points []Point) error {
	for i := range points {
		p := &points[i]
		switch {
		case p.ID.IsZero():
			return invalid(i, "id", "must be set")
		case p.Workspace.IsZero():
			return invalid(i, "workspace", "must be set")
		case !isName(p.Metric):
			return invalid(i, "metric", "must be up to 64 letters a to z, digits, '_' and '.'")
		case p.At.Before(first) || !p.At.Before(last):
			return invalid(i, "at", "must be from 1970 to 2261")
		case math.IsNaN(p.Value) || math.IsInf(p.Value, 0):
			return invalid(i, "value", "must be a finite number")
		case len(p.Dimensions) > MaxDimensions:
			return invalid(i, "dimensions", "must be eight at most")
		}
		for k, d := range p.Dimensions {
			switch {
			case !isName(d.Name):
				return invalid(i, "dimensions", "must have names of up to 64 letters a to z, digits, '_' and '.'")
			case k > 0 && p.Dimensions[k-1].Name >= d.Name:
				return invalid(i, "dimensions", "must be sorted by name, each name once")
			case !isValue(d.Value):
				return invalid(i, "dimensions", "must have values of 1 to 200 bytes of UTF-8 without NUL")
			}
		}
	}
	return nil
}

// invalid is about one of several points.
func invalid(i int, what, why string) error {
	return &InputError{What: fmt.Sprintf("points[%d].%s", i, what), Why: why}
}

func isName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func isValue(s string) bool {
	return s != "" && len(s) <= MaxValue && utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

// Check answers what is wrong with a selection, an *InputError, or nil.
func (s Selection) Check() error {
	switch {
	case s.Workspace.IsZero():
		return &InputError{"workspace", "must be set"}
	case !isName(s.Metric):
		return &InputError{"metric", "must be up to 64 letters a to z, digits, '_' and '.'"}
	}
	for _, m := range s.Where {
		if !isName(m.Name) {
			return &InputError{"where", "must name dimensions of up to 64 letters a to z, digits, '_' and '.'"}
		}
		for _, v := range m.In {
			if v != "" && !isValue(v) {
				return &InputError{"where", "must ask for values of up to 200 bytes of UTF-8 without NUL"}
			}
		}
	}
	return nil
}

// Check answers what is wrong with a query, an *InputError, or nil.
func (q Query) Check() error {
	if err := q.Selection.Check(); err != nil {
		return err
	}
	if len(q.Edges) < 2 || len(q.Edges) > MaxBuckets+1 {
		return &InputError{"edges", fmt.Sprintf("must be those of 1 to %d buckets", MaxBuckets)}
	}
	for i, e := range q.Edges {
		switch {
		case e.Before(first) || e.After(last):
			return &InputError{"edges", "must be from 1970 to 2261"}
		case e.Nanosecond()%1e6 != 0:
			return &InputError{"edges", "must be whole milliseconds"}
		case i > 0 && !q.Edges[i-1].Before(e):
			return &InputError{"edges", "must be ascending"}
		}
	}
	for i, name := range q.By {
		if !isName(name) {
			return &InputError{"by", "must name dimensions of up to 64 letters a to z, digits, '_' and '.'"}
		}
		for _, other := range q.By[:i] {
			if name == other {
				return &InputError{"by", "must name each dimension once"}
			}
		}
	}
	return nil
}

// CheckSpan answers what is wrong with the bounds of a range, an *InputError, or nil.
func CheckSpan(from, to time.Time) error {
	if from.Before(first) || to.After(last) {
		return &InputError{"from and to", "must be from 1970 to 2261"}
	}
	return nil
}

// Milli is the first whole millisecond that is not before t, since the Unix epoch.
func Milli(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// Slotted reports whether all edges are where slots begin.
func (q Query) Slotted() bool {
	for _, e := range q.Edges {
		if e.UnixMilli()%Slot.Milliseconds() != 0 {
			return false
		}
	}
	return true
}

// SlotOf is the beginning of the slot that a moment is in, in Unix milliseconds.
func SlotOf(milli int64) int64 { return milli - milli%Slot.Milliseconds() }

// Kept is how far retention went, in Unix milliseconds.
type Kept struct {
	// Points are kept from here on, Slots from there; Slots is never after Points.
	Points, Slots int64
}

// After is how far retention goes once r was asked for too.
func (k Kept) After(r Retention) Kept {
	day := func(t time.Time) int64 {
		if t.IsZero() || t.Before(first) {
			return 0
		}
		return t.Truncate(Day).UnixMilli()
	}
	k.Slots = max(k.Slots, day(r.Slots))
	k.Points = max(k.Points, day(r.Points), k.Slots)
	return k
}

// Fine reports whether a query whose edges are not those of slots can be answered.
// Only edges inside a slot that has lost its points are in the way.
func (k Kept) Fine(q Query) bool {
	for _, e := range q.Edges {
		if m := e.UnixMilli(); m%Slot.Milliseconds() != 0 && m < k.Points {
			return false
		}
	}
	return true
}
