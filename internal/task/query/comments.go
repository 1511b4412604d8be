package query

import (
	"context"
	"encoding/json"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

// Comment answers one comment of a task: from the commit that wrote it, or,
// where that recorded nothing since it was a repetition, from the task's pages.
func (s *Service) Comment(ctx context.Context, v *Viewer, task, id ids.ID, commit *readmodel.Commit) (Answer, error) {
	for i := range commit.Rows {
		r := &commit.Rows[i]
		if r.Kind == readmodel.KindComment && r.ID == id && !r.Removed && v.SeesRow(r) {
			return Answer{Seq: r.Seq, Body: r.JSON}, nil
		}
	}
	if _, err := s.taskRow(ctx, v, task); err != nil {
		return Answer{}, err
	}
	var after readmodel.CommentCursor
	for {
		rows, next, err := s.reader.Comments(ctx, v.Workspace, task, after, 200)
		if err != nil {
			return Answer{}, err
		}
		for _, row := range rows {
			var c struct {
				ID  ids.ID `json:"id"`
				Seq uint64 `json:"seq"`
			}
			if err := json.Unmarshal(row, &c); err != nil {
				return Answer{}, apperr.Wrap(err, "a comment's row does not decode")
			}
			if c.ID == id {
				return Answer{Seq: c.Seq, Body: row}, nil
			}
		}
		if next == nil {
			return Answer{}, apperr.New(apperr.NotFound, "There is no such comment.")
		}
		after = *next
	}
}

// InvitationWorkspace answers the workspace of an open invitation by its
// token's hash, or apperr.NotFound. Knowing the token is all the access it takes.
func (s *Service) InvitationWorkspace(ctx context.Context, tokenHash string) (ids.ID, error) {
	return s.reader.InvitationWorkspace(ctx, tokenHash)
}

// Reached answers how far the workspace's rows have got, 0 where there is none.
func (s *Service) Reached(ctx context.Context, workspace ids.ID) (uint64, error) {
	seq, err := s.reader.Seq(ctx, workspace)
	if apperr.Is(err, apperr.NotFound) {
		return 0, nil
	}
	return seq, err
}
