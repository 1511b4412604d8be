package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
	"headway/internal/task/query"
)

func (h *Handlers) listComments(q *request) error {
	limit, err := q.limit(pageSize, maxPageSize)
	if err != nil {
		return err
	}
	v, err := h.view(q)
	if err != nil {
		return err
	}
	task, err := q.id("task")
	if err != nil {
		return err
	}
	a, err := h.queries.Comments(q.ctx(), &v, task, q.query.Get("cursor"), limit)
	if err != nil || q.unchanged(a.Seq, "") {
		return err
	}
	return q.send(a.Body)
}

type addCommentInput struct {
	InWorkspace
	Task ids.ID `path:"task"`
	Body struct {
		ID   ids.ID `json:"id,omitzero" doc:"Made by the client, a UUIDv7, so that a create sent twice is one; made by the server where absent."`
		Text string `json:"text" minLength:"1" maxLength:"20000" doc:"Markdown."`
	}
}

func (h *Handlers) commentAnswer(ctx context.Context, workspace, task, comment ids.ID, status int, res command.Result) (*rest.Answer, error) {
	return h.answer(ctx, workspace, status, res, func(v *query.Viewer) (query.Answer, error) {
		return h.queries.Comment(ctx, v, task, comment, &res.Commit)
	})
}

func (h *Handlers) addComment(ctx context.Context, in *addCommentInput) (*rest.Answer, error) {
	res, err := run(ctx, rest.IfMatch{}, h.commands.AddComment, func(*uint64) command.AddComment {
		return command.AddComment{Workspace: in.Workspace, Task: in.Task, ID: in.Body.ID, Text: in.Body.Text}
	})
	if err != nil {
		return nil, err
	}
	return h.commentAnswer(ctx, in.Workspace, in.Task, res.ID, created(res), res)
}

// InComment is the path of a request that changes a comment.
type InComment struct {
	InWorkspace
	Task    ids.ID `path:"task"`
	Comment ids.ID `path:"comment"`
	rest.IfMatch
}

type changeCommentInput struct {
	InComment
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"20000"`
	}
}

func (h *Handlers) changeComment(ctx context.Context, in *changeCommentInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeComment, func(ifSeq *uint64) command.ChangeComment {
		return command.ChangeComment{Workspace: in.Workspace, Task: in.Task, ID: in.Comment, IfSeq: ifSeq, Text: in.Body.Text}
	})
	if err != nil {
		return nil, err
	}
	return h.commentAnswer(ctx, in.Workspace, in.Task, in.Comment, 200, res)
}

func (h *Handlers) removeComment(ctx context.Context, in *InComment) (*done, error) {
	return gone(run(ctx, in.IfMatch, h.commands.RemoveComment, func(ifSeq *uint64) command.RemoveComment {
		return command.RemoveComment{Workspace: in.Workspace, Task: in.Task, ID: in.Comment, IfSeq: ifSeq}
	}))
}
