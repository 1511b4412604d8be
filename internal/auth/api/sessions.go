package api

import (
	"context"
	"time"

	"headway/internal/apperr"
	"headway/internal/auth/command"
	"headway/internal/auth/state"
	"headway/internal/platform/ids"
)

// User is an account as its owner sees it.
type User struct {
	ID        ids.ID    `json:"id"`
	Email     string    `json:"email" doc:"Normalised: trimmed, in lower case"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt"`
}

func user(a state.Account) User {
	return User{ID: a.ID, Email: a.Email, Name: a.Name, CreatedAt: a.CreatedAt}
}

// Grant is the answer to whoever proved who they are.
type Grant struct {
	User        User   `json:"user"`
	AccessToken string `json:"accessToken" doc:"Send it as Authorization: Bearer …"`
	ExpiresIn   int    `json:"expiresIn" example:"600" doc:"How many seconds the access token is good for"`
}

type grantOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    Grant
}

// answer sends a grant: the refresh token as a cookie, the rest as the body.
func (a *API) answer(e exchange, g command.Grant) *grantOutput {
	a.cookies.set(e.w, g)
	return &grantOutput{NoStore: "no-store", Body: Grant{
		User: user(g.Account), AccessToken: g.AccessToken, ExpiresIn: int(command.AccessLifetime / time.Second),
	}}
}

// The rules of these fields are the domain's, which names the field; the
// schema only bounds what is looked at.
type registerInput struct {
	exchange
	Body struct {
		Email    string `json:"email" maxLength:"1000" example:"ada@example.com" doc:"At most 254 bytes"`
		Name     string `json:"name" maxLength:"1000" example:"Ada" doc:"1 to 100 characters"`
		Password string `json:"password" maxLength:"1000" doc:"10 to 200 characters, not one of the most common, not the name or email"`
	}
}

func (a *API) register(ctx context.Context, in *registerInput) (*grantOutput, error) {
	if err := a.sameSite(in.exchange); err != nil {
		return nil, err
	}
	g, err := a.commands.Register(ctx, command.Register{
		Email: in.Body.Email, Name: in.Body.Name, Password: in.Body.Password, Client: a.client(in.exchange),
	})
	if err != nil {
		return nil, err
	}
	return a.answer(in.exchange, g), nil
}

type signInInput struct {
	exchange
	Body struct {
		Email    string `json:"email" maxLength:"1000" example:"ada@example.com"`
		Password string `json:"password" maxLength:"1000"`
	}
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*grantOutput, error) {
	if err := a.sameSite(in.exchange); err != nil {
		return nil, err
	}
	g, err := a.commands.SignIn(ctx, command.SignIn{
		Email: in.Body.Email, Password: in.Body.Password, Client: a.client(in.exchange),
	})
	if err != nil {
		return nil, err
	}
	return a.answer(in.exchange, g), nil
}

type cookieInput struct{ exchange }

func (a *API) refresh(ctx context.Context, in *cookieInput) (*grantOutput, error) {
	if err := a.sameSite(in.exchange); err != nil {
		return nil, err
	}
	g, err := a.commands.Refresh(ctx, a.cookies.token(in.r))
	if apperr.Is(err, apperr.Unauthenticated) {
		a.cookies.clear(in.w)
	}
	if err != nil {
		return nil, err
	}
	return a.answer(in.exchange, g), nil
}

func (a *API) signOut(ctx context.Context, in *cookieInput) (*struct{}, error) {
	if err := a.sameSite(in.exchange); err != nil {
		return nil, err
	}
	if err := a.commands.SignOut(ctx, a.cookies.token(in.r)); err != nil {
		return nil, err
	}
	a.cookies.clear(in.w)
	return nil, nil
}
