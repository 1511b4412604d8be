package api

import (
	"context"

	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
	"headway/internal/task/command"
)

type addItemsInput struct {
	InTask
	Body struct {
		Items []newItem `json:"items" minItems:"1" maxItems:"500" doc:"In order."`
	}
}

func (h *Handlers) addItems(ctx context.Context, in *addItemsInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.AddItems, func(ifSeq *uint64) command.AddItems {
		return command.AddItems{Workspace: in.Workspace, Task: in.Task, IfSeq: ifSeq, Items: items(in.Body.Items)}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, created(res), res)
}

// InItem is the path of a request that changes a checklist item.
type InItem struct {
	InTask
	Item ids.ID `path:"item"`
}

type changeItemInput struct {
	InItem
	Body struct {
		List     rest.Optional[string] `json:"list,omitzero" maxLength:"100"`
		Title    rest.Optional[string] `json:"title,omitzero" minLength:"1" maxLength:"1000"`
		Done     rest.Optional[bool]   `json:"done,omitzero"`
		Position rest.Optional[string] `json:"position,omitzero" minLength:"1" maxLength:"512" doc:"A fractional index."`
	}
}

func (h *Handlers) changeItem(ctx context.Context, in *changeItemInput) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.ChangeItem, func(ifSeq *uint64) command.ChangeItem {
		b := &in.Body
		return command.ChangeItem{
			Workspace: in.Workspace, Task: in.Task, ID: in.Item, IfSeq: ifSeq,
			List: b.List.Pointer(), Title: b.Title.Pointer(), Done: b.Done.Pointer(), Position: b.Position.Pointer(),
		}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}

func (h *Handlers) removeItem(ctx context.Context, in *InItem) (*rest.Answer, error) {
	res, err := run(ctx, in.IfMatch, h.commands.RemoveItem, func(ifSeq *uint64) command.RemoveItem {
		return command.RemoveItem{Workspace: in.Workspace, Task: in.Task, ID: in.Item, IfSeq: ifSeq}
	})
	if err != nil {
		return nil, err
	}
	return h.taskAnswer(ctx, in.Workspace, in.Task, 200, res)
}
