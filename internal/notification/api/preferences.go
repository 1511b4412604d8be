package api

import (
	"context"
	"net/http"

	"headway/internal/notification/command"
	"headway/internal/notification/state"
	"headway/internal/platform/authn"
	"headway/internal/platform/rest"
)

// Preferences are what a person wants to hear of, by which channel.
type Preferences struct {
	Inbox InboxTopics `json:"inbox"`
	Email EmailTopics `json:"email"`
}

// InboxTopics are what may be in an inbox.
type InboxTopics struct {
	Assigned  bool `json:"assigned" doc:"Somebody assigned me to a task"`
	Mentioned bool `json:"mentioned" doc:"Somebody mentioned me in a description or a comment"`
	Commented bool `json:"commented" doc:"Somebody commented on a task that I made or am assigned to"`
	Due       bool `json:"due" doc:"A task that I am assigned to is due within a day, or overdue"`
	Joined    bool `json:"joined" doc:"Somebody accepted my invitation"`
}

// EmailTopics are what may be mailed.
type EmailTopics struct {
	Assigned  bool `json:"assigned"`
	Mentioned bool `json:"mentioned"`
	Due       bool `json:"due"`
}

type preferencesOutput struct {
	Status int
	ETag   string `header:"ETag"`
	Cache  string `header:"Cache-Control"`
	Body   *Preferences
}

func preferencesAnswer(p state.Preferences) *preferencesOutput {
	in := func(t state.Topic) bool { return p.Wants(state.Inbox, t) }
	by := func(t state.Topic) bool { return p.Wants(state.Email, t) }
	return &preferencesOutput{Status: http.StatusOK, ETag: rest.ETag(p.Seq), Cache: "private, no-cache", Body: &Preferences{
		Inbox: InboxTopics{in(state.Assignments), in(state.Mentions), in(state.Comments), in(state.Due), in(state.Members)},
		Email: EmailTopics{by(state.Assignments), by(state.Mentions), by(state.Due)},
	}}
}

func (h *Handlers) preferences(ctx context.Context, in *struct{ rest.IfNoneMatch }) (*preferencesOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	p, err := h.Queries.Preferences(ctx, who.User)
	if err != nil {
		return nil, err
	}
	out := preferencesAnswer(p)
	if in.Matches(out.ETag) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

type changePreferencesInput struct {
	rest.IfMatch
	Body struct {
		Inbox struct {
			Assigned  rest.Optional[bool] `json:"assigned,omitzero"`
			Mentioned rest.Optional[bool] `json:"mentioned,omitzero"`
			Commented rest.Optional[bool] `json:"commented,omitzero"`
			Due       rest.Optional[bool] `json:"due,omitzero"`
			Joined    rest.Optional[bool] `json:"joined,omitzero"`
		} `json:"inbox,omitzero"`
		Email struct {
			Assigned  rest.Optional[bool] `json:"assigned,omitzero"`
			Mentioned rest.Optional[bool] `json:"mentioned,omitzero"`
			Due       rest.Optional[bool] `json:"due,omitzero"`
		} `json:"email,omitzero"`
	}
}

func (h *Handlers) changePreferences(ctx context.Context, in *changePreferencesInput) (*preferencesOutput, error) {
	who, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	ifSeq, err := in.Seq()
	if err != nil {
		return nil, err
	}
	var choices []command.Choice
	choose := func(c state.Channel, t state.Topic, given rest.Optional[bool]) {
		if on, ok := given.Get(); ok {
			choices = append(choices, command.Choice{Channel: c, Topic: t, On: on})
		}
	}
	inbox, email := &in.Body.Inbox, &in.Body.Email
	choose(state.Inbox, state.Assignments, inbox.Assigned)
	choose(state.Inbox, state.Mentions, inbox.Mentioned)
	choose(state.Inbox, state.Comments, inbox.Commented)
	choose(state.Inbox, state.Due, inbox.Due)
	choose(state.Inbox, state.Members, inbox.Joined)
	choose(state.Email, state.Assignments, email.Assigned)
	choose(state.Email, state.Mentions, email.Mentioned)
	choose(state.Email, state.Due, email.Due)
	p, err := h.Commands.Choose(ctx, who.User, ifSeq, choices)
	if err != nil {
		return nil, err
	}
	return preferencesAnswer(p), nil
}
