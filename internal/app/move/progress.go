package move

import "time"

// Progress is how far a move has got.
type Progress struct {
	// Done and Total count events; Total grows while writes go on.
	Done, Total uint64
	// Rate is events in a second, since the last time.
	Rate float64
	// Remaining is how long the rest takes at that rate, 0 where it is not known.
	Remaining time.Duration
}

// every is how often progress is told.
const every = time.Second

type meter struct {
	began, told         time.Time
	done, before, total uint64
}

func (m *meter) add(n int, tell func(Progress)) {
	m.done += uint64(n) // #nosec G115 -- not negative
	now := time.Now()
	if m.told.IsZero() {
		m.told = m.began
	}
	since := now.Sub(m.told)
	if since < every || tell == nil {
		return
	}
	p := Progress{Done: m.done, Total: max(m.total, m.done), Rate: float64(m.done-m.before) / since.Seconds()}
	if p.Rate > 0 {
		p.Remaining = time.Duration(float64(p.Total-p.Done) / p.Rate * float64(time.Second))
	}
	m.told, m.before = now, m.done
	tell(p)
}
