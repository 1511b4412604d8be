package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/analytics/command"
	"headway/internal/analytics/readmodel"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
)

// UsageBatch is what the web app sends.
type UsageBatch struct {
	Workspace *ids.ID      `json:"workspace,omitempty" doc:"The workspace that the events happened in; absent for those outside of any."`
	Events    []UsageEvent `json:"events" minItems:"1" maxItems:"50"`
}

// UsageEvent is one event of it.
type UsageEvent struct {
	ID   ids.ID    `json:"id" doc:"Made by the client. Sent again it counts once."`
	Name usageName `json:"name"`
	At   time.Time `json:"at" doc:"By the client's clock."`
	// Properties have fixed names and values.
	Properties map[string]string `json:"properties,omitempty" maxProperties:"8" doc:"Fixed names with fixed values: view, device, result, format, source."`
}

// usageName documents the names that there are.
type usageName string

// Schema implements huma.SchemaProvider. It lists the names and allows others:
// a web app that is newer than the server must not have its batch refused.
func (usageName) Schema(huma.Registry) *huma.Schema {
	most := 64
	examples := make([]any, 0, len(readmodel.UsageNames()))
	for _, n := range readmodel.UsageNames() {
		examples = append(examples, n)
	}
	return &huma.Schema{Type: huma.TypeString, MaxLength: &most, Examples: examples, Description: "What was done. An event of a name not known here is dropped."}
}

// UsageReceipt says what became of a batch.
type UsageReceipt struct {
	Accepted int `json:"accepted" doc:"Recorded now, or before."`
	Dropped  int `json:"dropped" doc:"Too old, too far ahead, or not known here."`
}

type recordInput struct {
	GPC  string `header:"Sec-GPC" doc:"1 asks for nothing to be kept (Global Privacy Control)."`
	DNT  string `header:"DNT" doc:"1 asks for nothing to be kept (Do Not Track)."`
	Body UsageBatch
}

type recordOutput struct {
	Status int
	Body   *UsageReceipt
}

func (h *Handlers) record(ctx context.Context, in *recordInput) (*recordOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	var workspace ids.ID
	if in.Body.Workspace != nil {
		workspace = *in.Body.Workspace
	}
	events := make([]command.UsageEvent, len(in.Body.Events))
	for i, e := range in.Body.Events {
		events[i] = command.UsageEvent{ID: e.ID, Name: string(e.Name), At: e.At, Properties: e.Properties}
	}
	done, err := h.commands.RecordUsage(ctx, who.User, workspace, events, in.GPC == "1" || in.DNT == "1")
	switch {
	case err != nil:
		return nil, err
	case done.Declined:
		return &recordOutput{Status: http.StatusNoContent}, nil
	}
	return &recordOutput{Status: http.StatusAccepted, Body: &UsageReceipt{done.Accepted, done.Dropped}}, nil
}

// UsageChoice is whether a person lets usage be recorded.
type UsageChoice struct {
	Record bool `json:"record" doc:"Whether usage may be recorded; true until chosen otherwise."`
}

type choiceOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         UsageChoice
}

func (h *Handlers) readChoice(ctx context.Context, _ *struct{}) (*choiceOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	allowed, err := h.commands.UsageChoice(ctx, who.User)
	return &choiceOutput{"private, no-cache", UsageChoice{allowed}}, err
}

func (h *Handlers) putChoice(ctx context.Context, in *struct{ Body UsageChoice }) (*choiceOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	return &choiceOutput{"private, no-cache", in.Body}, h.commands.ChooseUsage(ctx, who.User, in.Body.Record)
}
