package api

import (
	"context"
	"net/http"

	"headway/internal/auth/state"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
)

// Person is what others may know of an account.
type Person struct {
	ID   ids.ID `json:"id"`
	Name string `json:"name"`
}

// People is the answer to a question for names.
type People struct {
	Items []Person `json:"items"`
}

type meOutput struct {
	Status int
	Seq    uint64 `header:"Headway-Seq" doc:"The account's seq that this answer reflects"`
	ETag   string `header:"ETag"`
	Cache  string `header:"Cache-Control"`
	Body   *User
}

func meAnswer(a state.Account) *meOutput {
	u := user(a)
	return &meOutput{Status: http.StatusOK, Seq: a.Seq, ETag: rest.ETag(a.Seq), Cache: "private, no-cache", Body: &u}
}

func (a *API) me(ctx context.Context, in *struct{ rest.IfNoneMatch }) (*meOutput, error) {
	caller, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	account, err := a.queries.Me(ctx, caller.User)
	if err != nil {
		return nil, err
	}
	out := meAnswer(account)
	if in.Matches(out.ETag) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

type changeMeInput struct {
	Body struct {
		Name rest.Optional[string] `json:"name,omitzero" maxLength:"1000" doc:"1 to 100 characters"`
	}
}

func (a *API) changeMe(ctx context.Context, in *changeMeInput) (*meOutput, error) {
	caller, err := authn.Require(ctx)
	if err != nil {
		return nil, err
	}
	name, given := in.Body.Name.Get()
	if !given {
		account, err := a.queries.Me(ctx, caller.User)
		if err != nil {
			return nil, err
		}
		return meAnswer(account), nil
	}
	account, err := a.commands.ChangeName(ctx, caller.User, name)
	if err != nil {
		return nil, err
	}
	return meAnswer(account), nil
}

type peopleInput struct {
	Body struct {
		IDs []ids.ID `json:"ids" maxItems:"200"`
	}
}

type peopleOutput struct {
	Body People
}

func (a *API) people(ctx context.Context, in *peopleInput) (*peopleOutput, error) {
	if _, err := authn.Require(ctx); err != nil {
		return nil, err
	}
	names, err := a.queries.People(ctx, in.Body.IDs)
	if err != nil {
		return nil, err
	}
	out := &peopleOutput{Body: People{Items: make([]Person, len(names))}}
	for i, n := range names {
		out.Body.Items[i] = Person{ID: n.ID, Name: n.Name}
	}
	return out, nil
}
