// Package api is the auth service's HTTP face: the routes here, one file for
// each resource, and the refresh token's cookie.
package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/auth/command"
	"headway/internal/auth/keyring"
	"headway/internal/auth/query"
	"headway/internal/platform/authn"
	"headway/internal/platform/rest"
)

// API serves the auth service over HTTP. Make it with New.
type API struct {
	commands *command.Service
	queries  *query.Service
	keys     *keyring.Ring
	cookies  cookies
	origins  *http.CrossOriginProtection
	address  func(*http.Request) string
}

// tag groups the operations in the OpenAPI document.
var tag = []string{"auth"}

// maxBody bounds the bodies of these operations, in bytes; 200 ids are the largest.
const maxBody = 16 << 10

// Routes adds the operations to an API under /api/v1.
func (a *API) Routes(api huma.API) {
	session := func(op huma.Operation) huma.Operation {
		op.Tags, op.MaxBodyBytes = tag, maxBody
		op.Security = authn.Public // what they need is in the body or the cookie
		return op
	}
	rest.Register(api, session(huma.Operation{
		OperationID: "register", Method: http.MethodPost, Path: "/auth/register", DefaultStatus: http.StatusCreated,
		Summary: "Register", Description: "Makes an account and signs it in. " + aboutCookie,
		Errors: []int{http.StatusForbidden, http.StatusConflict, http.StatusTooManyRequests},
	}), a.register)
	rest.Register(api, session(huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/auth/sign-in",
		Summary: "Sign in", Description: "Starts a session. " + aboutCookie,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests},
	}), a.signIn)
	rest.Register(api, session(huma.Operation{
		OperationID: "refresh", Method: http.MethodPost, Path: "/auth/refresh",
		Summary: "Refresh the access token", Description: "Takes the refresh token from its cookie and replaces it. " + aboutCookie,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden},
	}), a.refresh)
	rest.Register(api, session(huma.Operation{
		OperationID: "sign-out", Method: http.MethodPost, Path: "/auth/sign-out", DefaultStatus: http.StatusNoContent,
		Summary:     "Sign out",
		Description: "Ends the session of the refresh token's cookie and clears the cookie. An access token that was given out ends by itself within ten minutes.",
		Errors:      []int{http.StatusForbidden},
	}), a.signOut)

	rest.Register(api, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/auth/me", Tags: tag,
		Summary: "Who am I", Errors: []int{http.StatusUnauthorized},
	}, a.me)
	rest.Register(api, huma.Operation{
		OperationID: "change-me", Method: http.MethodPatch, Path: "/auth/me", Tags: tag, MaxBodyBytes: maxBody,
		Summary: "Change my name", Errors: []int{http.StatusUnauthorized},
	}, a.changeMe)
	rest.Register(api, huma.Operation{
		OperationID: "list-people", Method: http.MethodPost, Path: "/auth/people", Tags: tag, MaxBodyBytes: maxBody,
		Summary: "Names of people", Description: "Answers the names of those of the ids that are accounts, in the order asked for.",
		Errors: []int{http.StatusUnauthorized},
	}, a.people)
}

const aboutCookie = "The refresh token is only in an HttpOnly, SameSite=Strict cookie; a browser's request must come from this site."
