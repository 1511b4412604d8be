package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
)

// Changes implements readmodel.Reader.
func (s *Store) Changes(ctx context.Context, id ids.ID, since, upTo uint64, access readmodel.Access, limit int) ([]readmodel.Row, uint64, error) {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	upTo = min(upTo, w.head)
	if since >= upTo {
		return nil, max(since, upTo), nil
	}
	all, err := w.all(access)
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(r readmodel.Row) bool {
		return r.Seq <= since || r.Seq > upTo || !access.Allows(r.Scope)
	})
	slices.SortStableFunc(all, func(a, b readmodel.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	if len(all) <= limit {
		return all, upTo, nil
	}
	n := limit
	for n > 0 && all[n-1].Seq == all[n].Seq {
		n-- // rows of one seq stay together
	}
	if n == 0 {
		for n = limit; n < len(all) && all[n].Seq == all[0].Seq; n++ {
			continue // they alone are more than the limit
		}
		if n == len(all) {
			return all, upTo, nil
		}
	}
	return all[:n], all[n].Seq - 1, nil
}

// all answers every row and tombstone of the workspace, but those of tasks
// that left a project and can be seen where they are.
func (w *workspace) all(access readmodel.Access) ([]readmodel.Row, error) {
	var out []readmodel.Row
	add := func(kind readmodel.Kind, id ids.ID) error {
		r, _, err := w.row(kind, id)
		out = append(out, r)
		return err
	}
	for key := range w.docs {
		if err := add(key.Kind, key.ID); err != nil {
			return nil, err
		}
	}
	for id := range w.tasks {
		if err := add(readmodel.KindTask, id); err != nil {
			return nil, err
		}
	}
	for id := range w.comments {
		if err := add(readmodel.KindComment, id); err != nil {
			return nil, err
		}
	}
	for _, s := range w.stones {
		if s.moved && (access.All || w.tasks[s.id] != nil && access.Allows(w.tasks[s.id].Project)) {
			continue
		}
		out = append(out, readmodel.Row{Kind: s.kind, ID: s.id, Scope: s.scope, Seq: s.seq, Removed: true})
	}
	return out, nil
}

// kinds are the numbers under which kinds are dumped.
var kinds = map[readmodel.Kind]int{
	readmodel.KindWorkspace: 1, readmodel.KindMember: 2, readmodel.KindProject: 3,
	readmodel.KindLabel: 4, readmodel.KindTask: 5, readmodel.KindComment: 6,
}

var lifecycles = map[event.Lifecycle]int{event.Live: 0, event.Archived: 1, event.Trashed: 2}

// Dump calls line with every row of a workspace, in an order that depends on
// nothing but the rows, so that two stores can be compared row by row.
func (s *Store) Dump(ctx context.Context, id ids.ID, line func(string) error) error {
	w, err := s.open(ctx, id)
	if err != nil {
		return nil //nolint:nilerr // no workspace has no rows
	}
	sections, err := w.sections()
	if err != nil {
		return err
	}
	for _, lines := range sections {
		slices.Sort(lines)
		for _, l := range lines {
			if err := line(strings.TrimPrefix(l[strings.Index(l, "\x00"):], "\x00")); err != nil {
				return err
			}
		}
	}
	return nil
}

// sections answers the lines of each kind of row, each behind what it is sorted by.
func (w *workspace) sections() ([8][]string, error) {
	var out [8][]string
	put := func(section int, by, format string, args ...any) {
		out[section] = append(out[section], by+"\x00"+fmt.Sprintf(format, args...))
	}
	counts := map[[2]ids.ID]int{}
	for id, t := range w.tasks {
		detail := string(readmodel.AppendDetail(nil, t.Detail))
		if detail == readmodel.EmptyDetail {
			detail = ""
		}
		put(0, id.String(), "task %s %s %d %s %s %d %s %s", id, t.Project, lifecycles[t.State], t.Column, t.Position, t.Seq, card(t), detail)
		if t.State == event.Live {
			counts[[2]ids.ID{t.Project, t.Column}]++
		}
	}
	for id, c := range w.comments {
		b, err := json.Marshal(c)
		if err != nil {
			return out, err
		}
		put(1, id.String(), "comment %s %s %s %d %d %s", id, c.Task, c.Project, c.CreatedAt.UnixMilli(), c.Seq, b)
	}
	for key, seq := range w.docs {
		b, err := w.doc(key.Kind, key.ID)
		if err != nil {
			return out, err
		}
		put(2, fmt.Sprint(kinds[key.Kind], key.ID), "doc %d %s %d %s", kinds[key.Kind], key.ID, seq, b)
	}
	for id, inv := range w.frame.Invitations {
		b, err := json.Marshal(inv)
		if err != nil {
			return out, err
		}
		put(3, id.String(), "invitation %s %s %s", id, inv.TokenHash, b)
	}
	for _, s := range w.stones {
		scope, moved := "", 0
		if !s.scope.IsZero() {
			scope = s.scope.String()
		}
		if s.moved {
			moved = 1
		}
		put(4, fmt.Sprintf("%020d %d %s %s", s.seq, kinds[s.kind], s.id, scope), "tombstone %d %d %s %s %d", s.seq, kinds[s.kind], s.id, scope, moved)
	}
	for id, p := range w.projects {
		put(5, id.String(), "project %s %d %d", id, p.seq, p.number)
	}
	for key, n := range counts {
		put(6, key[0].String()+key[1].String(), "count %s %s %d", key[0], key[1], n)
	}
	for user, m := range w.frame.Members {
		if !m.Removed && m.Kind != event.Placeholder {
			put(7, user.String(), "member of %s %d", user, m.JoinedAt.UnixMilli())
		}
	}
	return out, nil
}
