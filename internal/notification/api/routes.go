// Package api is the notification service's HTTP face: the routes here, one
// file for each resource. Everything in it is the caller's own.
package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/notification/command"
	"headway/internal/notification/query"
	"headway/internal/platform/rest"
)

// Handlers serve the service over HTTP.
type Handlers struct {
	Commands *command.Service
	Queries  *query.Service
}

// UnsubscribePath is where the links in mails lead; it is not part of the API's document.
const UnsubscribePath = "/api/v1/notification-preferences/unsubscribe"

// maxBody bounds the bodies of these operations, in bytes; 200 ids are the largest.
const maxBody = 16 << 10

// Register adds the operations to an API under /api/v1, and what links in
// mails lead to, to the mux that it is on.
func (h *Handlers) Register(api huma.API, mux *http.ServeMux) {
	operation := func(id, method, path, summary, description string, errors ...int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: method, Path: path, Summary: summary, Description: description,
			Tags: []string{"notifications"}, MaxBodyBytes: maxBody, Errors: append(errors, http.StatusUnauthorized),
		}
	}
	rest.RegisterRaw[Inbox](api, operation("list-inbox", http.MethodGet, "/inbox", "What I should know of",
		"Newest first. What was undone, and what I may not see any more, is not in it."), h.inbox)
	rest.RegisterRaw[Count](api, operation("count-inbox", http.MethodGet, "/inbox/count", "How much of it I have not read",
		"Made to be asked often: send the ETag of the last answer as If-None-Match."), h.count)
	rest.Register(api, operation("mark-inbox", http.MethodPost, "/inbox/read", "Mark notices as read or unread",
		"Notices that are not there are passed over."), h.mark)
	rest.Register(api, operation("mark-inbox-up-to", http.MethodPost, "/inbox/read-up-to", "Mark a notice and all older ones as read", "",
		http.StatusNotFound), h.markUpTo)
	rest.Register(api, operation("get-notification-preferences", http.MethodGet, "/notification-preferences", "What I want to hear of", ""), h.preferences)
	rest.Register(api, operation("change-notification-preferences", http.MethodPatch, "/notification-preferences", "Change what I want to hear of",
		"Fields that are left out stay as they are.", http.StatusPreconditionFailed), h.changePreferences)
	mux.HandleFunc("GET "+UnsubscribePath, h.askToUnsubscribe)
	mux.HandleFunc("POST "+UnsubscribePath, h.unsubscribe)
}
