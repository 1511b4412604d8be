package mongo

import (
	"cmp"
	"slices"
	"strings"
)

// byOwner parts rows that are sorted by their task: each task before its
// comments, those by time.
func byOwner(rows []row) [][]*row {
	var out [][]*row
	for i := range rows {
		r := &rows[i]
		if n := len(out); n > 0 && out[n-1][0].Owner.Equal(r.Owner) {
			out[n-1] = append(out[n-1], r)
			continue
		}
		out = append(out, []*row{r})
	}
	for _, group := range out {
		slices.SortFunc(group, func(a, b *row) int {
			return cmp.Or(cmp.Compare(a.kind(), b.kind()), strings.Compare(a.Place, b.Place))
		})
	}
	return out
}
