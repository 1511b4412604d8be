// Package timeseries is the port of measured values over time: what analytics
// records of events, and counts by hour, day or month. Adapters live in the
// folders beside it; timeseriestest holds the conformance suite that each of
// them passes.
//
// A series is the points of one workspace with the same metric and the same
// dimensions. Beside the points each adapter keeps, in the same transaction,
// what they come to in each slot of a quarter of an hour, because every time
// zone of today begins its hours and days on such a slot: what is asked for by
// hour or day is answered from slots, whatever the number of points.
package timeseries

import (
	"context"
	"errors"
	"time"

	"headway/internal/platform/ids"
)

// Slot is the width of what is kept summed up. Slots begin at multiples of it since the Unix epoch.
const Slot = 15 * time.Minute

// Limits of points, queries and answers.
const (
	// MaxDimensions is how many dimensions a point has at most.
	MaxDimensions = 8
	// MaxName is how long the name of a metric or a dimension is at most, in bytes.
	MaxName = 64
	// MaxValue is how long a dimension's value is at most, in bytes.
	MaxValue = 200
	// MaxBuckets is how many buckets a query may ask for.
	MaxBuckets = 20_000
	// MaxCells is how many buckets an answer may have in all its groups.
	MaxCells = 1_000_000
)

// Point is one measured value. What it is known by is all of it but its
// Value: a point that is there already is not added again.
type Point struct {
	// ID tells points of one series and moment apart. One derived from what
	// the point tells of (an event's ID) makes adding it twice adding it once.
	ID ids.ID
	// Workspace is whose point it is.
	Workspace ids.ID
	// Metric is what was measured: letters a–z, digits, '_' and '.', such as "task.completed".
	Metric string
	// Dimensions are what the value may be filtered and grouped by.
	Dimensions Dimensions
	// At is when, to the millisecond; what is finer is cut off. From the year 1970 to 2261.
	At time.Time
	// Value is any finite number.
	Value float64
}

// Dimension is one thing that a value may be grouped by, such as project = ID.
type Dimension struct {
	// Name is letters a–z, digits, '_' and '.'.
	Name string
	// Value is any UTF-8 text but the empty one and NUL: what has no value has no such dimension.
	Value string
}

// Dimensions are sorted by name, each name once; By makes them so.
type Dimensions []Dimension

// Inserted tells what became of a batch.
type Inserted struct {
	// New were added.
	New int
	// Repeated were there already, or more than once in the batch.
	Repeated int
	// Forgotten are older than what Retain keeps, and were left out.
	Forgotten int
}

// Match asks for one dimension to have one of some values.
type Match struct {
	Name string
	// In are the values, of which "" stands for not having the dimension.
	In []string
}

// Selection says which points are meant.
type Selection struct {
	Workspace ids.ID
	Metric    string
	// Where must hold all together.
	Where []Match
}

// Place is where a page of points ended; the zero value is the beginning.
type Place struct {
	At     time.Time
	ID     ids.ID
	Series string // the Text of its dimensions
}

// IsZero reports whether the place is the beginning.
func (p Place) IsZero() bool { return p.ID.IsZero() }

// Query asks what points come to in buckets of time.
type Query struct {
	Selection
	// Edges are where buckets begin, ascending, and the end of the last, so
	// one more than there are buckets: see Every, Days, Weeks and Months.
	// Where all of them are multiples of Slot the answer comes from slots.
	Edges []time.Time
	// By are the dimensions to group by; none gives one group at most.
	By []string
}

// Group are the buckets of the points that have the same values in the dimensions of Query.By.
type Group struct {
	// Dimensions are those of Query.By that the points have.
	Dimensions Dimensions
	// Buckets are one for each pair of neighbouring edges, empty ones too.
	Buckets []Bucket
}

// Bucket is what some points come to.
type Bucket struct {
	Count uint64
	// Sum of floating-point numbers: the order in which they are added is not promised.
	Sum float64
	// Min and Max are 0 in an empty bucket.
	Min, Max float64
}

// Mean is the average of the values, 0 in an empty bucket.
func (b Bucket) Mean() float64 {
	if b.Count == 0 {
		return 0
	}
	return b.Sum / float64(b.Count)
}

// Retention says what is kept. A zero time keeps everything.
type Retention struct {
	// Points from before the day (UTC) of this moment go; what they came to in their slots stays.
	Points time.Time
	// Slots from before the day (UTC) of this moment go, with their points.
	Slots time.Time
}

// Store keeps points. It is safe for concurrent use. An error of a caller's
// own making is an *InputError.
type Store interface {
	// Insert adds points, durably before it returns. It is not all or nothing:
	// after an error some may have been added, and the batch is to be inserted again.
	Insert(ctx context.Context, points []Point) (Inserted, error)

	// Range answers up to limit points with from <= At < to that come after a
	// place, in the order of At, ID and dimensions, and the place of the last
	// of them. A page without points is the end.
	Range(ctx context.Context, sel Selection, from, to time.Time, after Place, limit int) ([]Point, Place, error)

	// Buckets answers what the points come to, in groups sorted by the values
	// of Query.By; a group without a point is left out. It answers ErrTooFine
	// where an edge is inside a slot whose points are gone, and ErrTooMuch
	// beyond MaxCells.
	Buckets(ctx context.Context, q Query) ([]Group, error)

	// Dimensions answers the different dimensions that the selected series
	// have, sorted by their Text, up to limit.
	Dimensions(ctx context.Context, sel Selection, limit int) ([]Dimensions, error)

	// Retain lets go of what is older, and remembers how far that went: older
	// points that come later are left out. It never brings anything back.
	Retain(ctx context.Context, r Retention) error

	// Forget removes everything of a workspace. Points that come later are added again.
	Forget(ctx context.Context, workspace ids.ID) error
}

// Errors of Buckets. Match them with errors.Is.
var (
	ErrTooFine = errors.New("timeseries: a bucket's edge is inside a slot of 15 minutes whose points are no longer kept")
	ErrTooMuch = errors.New("timeseries: the answer has too many groups and buckets; ask for fewer")
)

// InputError says what is wrong with what was given.
type InputError struct {
	// What is a part of the input, such as "points[3].metric".
	What string
	// Why says what it must be.
	Why string
}

// Error implements error.
func (e *InputError) Error() string { return "timeseries: " + e.What + " " + e.Why }
