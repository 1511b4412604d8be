package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/auth/query"
	"headway/internal/platform/peer"
	"headway/internal/platform/peer/contacts"
	"headway/internal/platform/rest"
)

// maxAskBody bounds a question for people, in bytes; contacts.MaxIDs ids are the largest.
const maxAskBody = 32 << 10

// Internal adds the operations for other services to an API under peer.Prefix,
// behind a Gate.
func (a *API) Internal(api huma.API) {
	rest.Register(api, huma.Operation{
		OperationID: "list-contacts", Method: http.MethodPost, Path: "/contacts", MaxBodyBytes: maxAskBody,
		Summary:     "Names and emails of people",
		Description: "Answers those of the ids that are accounts, in the order asked for; emails only to the service that sends mail.",
		Metadata:    peer.For(query.Notification, "analytics"),
	}, a.contacts)
}

type contactsInput struct{ Body contacts.Ask }

type contactsOutput struct{ Body contacts.Answer }

func (a *API) contacts(ctx context.Context, in *contactsInput) (*contactsOutput, error) {
	items, err := a.queries.Contacts(ctx, peer.Caller(ctx), in.Body.IDs)
	if err != nil {
		return nil, err
	}
	return &contactsOutput{Body: contacts.Answer{Items: items}}, nil
}
