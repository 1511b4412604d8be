package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
)

type addAttachmentInput struct {
	InTask
	Body struct {
		ID   ids.ID `json:"id,omitzero"`
		Name string `json:"name,omitempty" maxLength:"500" doc:"The link itself where absent."`
		URL  string `json:"url" minLength:"1" maxLength:"2000" doc:"An absolute http or https address." example:"https://example.org/plan.pdf"`
	}
}

func (h *Handlers) addAttachment(ctx context.Context, in *addAttachmentInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.AddAttachment, func(ifSeq *uint64) command.AddAttachment {
		b := &in.Body
		return command.AddAttachment{Workspace: in.Workspace, Task: in.Task, IfSeq: ifSeq, ID: b.ID, Name: b.Name, URL: b.URL}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, created(res), res)
}

// InAttachment is the path of a request about an attachment.
type InAttachment struct {
	InTask
	Attachment ids.ID `path:"attachment"`
}

func (h *Handlers) removeAttachment(ctx context.Context, in *InAttachment) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.RemoveAttachment, func(ifSeq *uint64) command.RemoveAttachment {
		return command.RemoveAttachment{Workspace: in.Workspace, Task: in.Task, ID: in.Attachment, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}
