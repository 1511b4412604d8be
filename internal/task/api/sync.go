package api

import (
	"unicode/utf8"

	"headway/internal/apperr"
	"headway/internal/task/query"
)

// Sync page sizes, in rows.
const (
	syncSize    = 500
	maxSyncSize = 1000
)

func (h *Handlers) sync(q *request) error {
	since, err := q.number("since", 0, 0, maxSeq)
	if err != nil {
		return err
	}
	limit, err := q.limit(syncSize, maxSyncSize)
	if err != nil {
		return err
	}
	workspace, err := q.id("workspace")
	if err != nil {
		return err
	}
	if want := q.r.Header["Headway-Min-Seq"]; len(want) > 0 {
		if err := h.await(q, workspace, want[0]); err != nil {
			return err
		}
	}
	if q.seq, err = h.queries.Reached(q.ctx(), workspace); err != nil {
		return err
	}
	body, err := h.queries.Sync(q.ctx(), workspace, q.user, query.SyncRequest{
		Since: since, Cursor: q.query.Get("cursor"), Limit: limit,
	})
	if err != nil {
		return err
	}
	return q.send(body)
}

// maxSearch is how many characters a search may have.
const maxSearch = 200

func (h *Handlers) search(q *request) error {
	limit, err := q.limit(pageSize, maxPageSize)
	if err != nil {
		return err
	}
	text := q.query.Get("q")
	if text == "" || utf8.RuneCountInString(text) > maxSearch {
		return apperr.InvalidField("query.q", "must have 1 to %d characters", maxSearch)
	}
	v, err := h.view(q)
	if err != nil {
		return err
	}
	seq, err := h.queries.Seq(q.ctx(), &v)
	if err != nil || q.unchanged(seq, v.Class) {
		return err
	}
	a, err := h.queries.Search(q.ctx(), &v, text, q.query.Get("cursor"), limit)
	if err != nil {
		return err
	}
	return q.send(a.Body)
}
