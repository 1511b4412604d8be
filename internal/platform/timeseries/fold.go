package timeseries

import (
	"cmp"
	"slices"
	"strings"
)

// Add puts one value into the bucket.
func (b *Bucket) Add(v float64) { b.Merge(Bucket{1, v, v, v}) }

// Merge puts what other points come to into the bucket.
func (b *Bucket) Merge(o Bucket) {
	switch {
	case o.Count == 0:
	case b.Count == 0:
		*b = o
	default:
		b.Count += o.Count
		b.Sum += o.Sum
		b.Min, b.Max = min(b.Min, o.Min), max(b.Max, o.Max)
	}
}

// Fold puts parts of series together to the answer of a query. Adapters use
// it; it is not safe for concurrent use.
type Fold struct {
	q      Query
	edges  []int64 // Unix milliseconds
	groups []*Group
	by     map[string]int
	cells  int
}

// NewFold begins the answer of a checked query.
func NewFold(q Query) *Fold {
	f := &Fold{q: q, edges: make([]int64, len(q.Edges)), by: map[string]int{}}
	for i, e := range q.Edges {
		f.edges[i] = e.UnixMilli()
	}
	return f
}

// Span is where the first bucket begins and the last one ends, in Unix milliseconds.
func (f *Fold) Span() (from, to int64) { return f.edges[0], f.edges[len(f.edges)-1] }

// Edges are the query's, in Unix milliseconds; they are not to be changed.
func (f *Fold) Edges() []int64 { return f.edges }

// Group answers the number of the group that a series belongs to.
func (f *Fold) Group(d Dimensions) int {
	var own Dimensions
	for _, name := range f.q.By {
		if v := d.Get(name); v != "" {
			own = append(own, Dimension{name, v})
		}
	}
	key := own.Text()
	n, ok := f.by[key]
	if !ok {
		n = len(f.groups)
		f.by[key] = n
		f.groups = append(f.groups, &Group{Dimensions: own})
	}
	return n
}

// Find answers the number of the bucket that a moment inside the span is in,
// trying the one that a moment before was in first.
func (f *Fold) Find(milli int64, before int) int {
	if f.edges[before] <= milli && milli < f.edges[before+1] {
		return before
	}
	if n := before + 1; n+1 < len(f.edges) && f.edges[n] <= milli && milli < f.edges[n+1] {
		return n
	}
	n, exact := slices.BinarySearch(f.edges, milli)
	if !exact {
		n--
	}
	return n
}

// Add puts a part into a bucket of a group.
func (f *Fold) Add(group, bucket int, part Bucket) error {
	g := f.groups[group]
	if g.Buckets == nil {
		n := len(f.edges) - 1
		if f.cells += n; f.cells > MaxCells {
			return ErrTooMuch
		}
		g.Buckets = make([]Bucket, n)
	}
	g.Buckets[bucket].Merge(part)
	return nil
}

// Groups is the answer.
func (f *Fold) Groups() []Group {
	var out []Group
	for _, g := range f.groups {
		if g.Buckets == nil {
			continue
		}
		sorted := slices.Clone(g.Dimensions)
		slices.SortFunc(sorted, func(a, b Dimension) int { return cmp.Compare(a.Name, b.Name) })
		out = append(out, Group{Dimensions: sorted, Buckets: g.Buckets})
	}
	slices.SortFunc(out, func(a, b Group) int {
		for _, name := range f.q.By {
			if c := strings.Compare(a.Dimensions.Get(name), b.Dimensions.Get(name)); c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}
