package api

import (
	"strconv"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

// minSeqPoll is how often a read that waits looks again.
const minSeqPoll = 10 * time.Millisecond

// await answers nil once the workspace's rows have got as far as the
// Headway-Min-Seq header asks, and apperr.Unavailable where they do not in time.
func (h *Handlers) await(q *request, workspace ids.ID, header string) error {
	want, err := strconv.ParseUint(header, 10, 64)
	if err != nil {
		return apperr.InvalidField("header.Headway-Min-Seq", "must be the Headway-Seq of an answer")
	}
	// Asked with the seq, a store whose rows lag behind its log writes them.
	seq, err := h.queries.Reached(readmodel.WithMinSeq(q.ctx(), want), workspace)
	if err != nil || seq >= want {
		return err
	}
	// Whoever may not see the workspace is told so at once.
	if _, err := h.queries.Viewer(q.ctx(), workspace, q.user); err != nil {
		return err
	}
	deadline := time.NewTimer(h.settings.MinSeqWait)
	defer deadline.Stop()
	tick := time.NewTicker(minSeqPoll)
	defer tick.Stop()
	for {
		select {
		case <-q.ctx().Done():
			return q.ctx().Err()
		case <-deadline.C:
			return unavailable()
		case <-tick.C:
			if seq, err = h.queries.Reached(q.ctx(), workspace); err != nil || seq >= want {
				return err
			}
		}
	}
}
