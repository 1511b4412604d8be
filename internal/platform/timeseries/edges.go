package timeseries

import "time"

// Every answers the edges of buckets of one width that begin at multiples of
// it since the Unix epoch, from the one that from is in to the one that to
// ends in. They stop at those of MaxBuckets+1 buckets, which Check refuses.
func Every(from, to time.Time, width time.Duration) []time.Time {
	if width < time.Millisecond || !from.Before(to) {
		return nil
	}
	start := from.UnixMilli()
	start -= start % width.Milliseconds()
	return until(to, time.UnixMilli(start).UTC(), func(t time.Time) time.Time { return t.Add(width) })
}

// Days answers the edges of days in a zone, of 23 or 25 hours where clocks change.
func Days(from, to time.Time, zone *time.Location) []time.Time {
	y, m, d := from.In(zone).Date()
	return dates(to, y, m, d, 0, 1, zone)
}

// Weeks answers the edges of weeks in a zone, which begin on the given day.
func Weeks(from, to time.Time, zone *time.Location, begin time.Weekday) []time.Time {
	y, m, d := from.In(zone).Date()
	back := int(from.In(zone).Weekday()-begin+7) % 7
	return dates(to, y, m, d-back, 0, 7, zone)
}

// Months answers the edges of months in a zone.
func Months(from, to time.Time, zone *time.Location) []time.Time {
	y, m, _ := from.In(zone).Date()
	return dates(to, y, m, 1, 1, 0, zone)
}

// dates counts on in months or days from a date, by the calendar and not by hours.
func dates(to time.Time, year int, month time.Month, day, months, days int, zone *time.Location) []time.Time {
	n := 0
	at := func() time.Time {
		return time.Date(year, month+time.Month(n*months), day+n*days, 0, 0, 0, 0, zone)
	}
	return until(to, at(), func(before time.Time) time.Time {
		for {
			n++
			if t := at(); t.After(before) {
				return t // a day that a zone left out has no midnight of its own
			}
		}
	})
}

// until collects edges up to the first that is not before to.
func until(to, start time.Time, next func(time.Time) time.Time) []time.Time {
	if !start.Before(to) {
		return nil
	}
	edges := []time.Time{start}
	for t := start; t.Before(to) && len(edges) <= MaxBuckets+1; {
		t = next(t)
		edges = append(edges, t)
	}
	return edges
}
