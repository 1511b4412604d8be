package query

import (
	"errors"
	"time"
	_ "time/tzdata" // zones by name on machines that have none

	"headway/internal/apperr"
	"headway/internal/platform/timeseries"
)

// Per is the width of buckets.
type Per string

// The widths. Weeks begin on Monday.
const (
	Day   Per = "day"
	Week  Per = "week"
	Month Per = "month"
)

// The bounds of a span.
const (
	// MaxDays is how many days a span may have.
	MaxDays = 731
	// defaultDays is how many it has where nothing else is asked for.
	defaultDays      = 30
	minYear, maxYear = 1990, 2200
	dateLayout       = time.DateOnly
	maxZone          = 64
	formatWords      = "must be a day such as 2026-03-01"
	zoneWords        = "must be the name of a time zone such as Europe/Berlin"
	unbounded        = "must not be after query.to, nor more than %d days before it"
	outOfCalendar    = "must be from %d to %d"
	zoneUTC          = "UTC"
)

// Span is some days of a time zone, the last one included.
type Span struct {
	From, To time.Time // midnights in Zone
	Zone     *time.Location
}

// NewSpan reads days as 2026-03-01 and a time zone by its IANA name; "" is the
// zone UTC, today, and 29 days before the last. Errors name query parameters.
func NewSpan(from, to, zone string, now time.Time) (Span, error) {
	if zone == "" {
		zone = zoneUTC
	}
	// Local would answer the server's own zone.
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" || len(zone) > maxZone {
		return Span{}, apperr.InvalidField("query.zone", zoneWords)
	}
	s := Span{Zone: loc}
	if s.To, err = date("query.to", to, loc, midnight(now.In(loc))); err != nil {
		return s, err
	}
	y, m, d := s.To.Date()
	if s.From, err = date("query.from", from, loc, time.Date(y, m, d-defaultDays+1, 0, 0, 0, 0, loc)); err != nil {
		return s, err
	}
	if s.From.After(s.To) || s.From.Before(time.Date(y, m, d-MaxDays+1, 0, 0, 0, 0, loc)) {
		return s, apperr.InvalidField("query.from", unbounded, MaxDays-1)
	}
	return s, nil
}

func date(field, text string, zone *time.Location, fallback time.Time) (time.Time, error) {
	if text == "" {
		return fallback, nil
	}
	t, err := time.ParseInLocation(dateLayout, text, zone)
	if err != nil {
		return t, apperr.InvalidField(field, formatWords)
	}
	if y := t.Year(); y < minYear || y > maxYear {
		return t, apperr.InvalidField(field, outOfCalendar, minYear, maxYear)
	}
	return t, nil
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// End is where the day after the last one begins.
func (s Span) End() time.Time {
	y, m, d := s.To.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, s.Zone)
}

// Edges are those of the span's buckets. Weeks and months are whole ones, also
// where the span begins or ends within.
func (s Span) Edges(per Per) []time.Time {
	switch per {
	case Week:
		return timeseries.Weeks(s.From, s.End(), s.Zone, time.Monday)
	case Month:
		return timeseries.Months(s.From, s.End(), s.Zone)
	}
	return timeseries.Days(s.From, s.End(), s.Zone)
}

// dates are the days that buckets begin on.
func dates(edges []time.Time, zone *time.Location) []string {
	out := make([]string, len(edges)-1)
	for i := range out {
		out[i] = edges[i].In(zone).Format(dateLayout)
	}
	return out
}

// coded is an error of the time series as a caller should see it.
func coded(err error) error {
	switch {
	case errors.Is(err, timeseries.ErrTooFine):
		return apperr.InvalidField("query.zone", "has days that began inside a quarter of an hour then, for which single points are no longer kept. Ask for UTC, or for later days.")
	case errors.Is(err, timeseries.ErrTooMuch):
		return apperr.InvalidField("query.by", "gives too many series for that many days. Ask for fewer days, or for one project.")
	}
	return err
}
