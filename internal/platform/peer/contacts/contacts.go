// Package contacts is how a service asks who people are: the port, and its
// adapter over HTTP. The auth service answers it, in the same process by
// itself, in another one at Path.
package contacts

import (
	"context"
	"net/http"

	"headway/internal/platform/ids"
	"headway/internal/platform/peer"
)

// Path is where the auth service answers, to services alone.
const Path = peer.Prefix + "/contacts"

// MaxIDs is how many people one request may ask for.
const MaxIDs = 500

// Contact is what a service may know of a person.
type Contact struct {
	ID   ids.ID `json:"id"`
	Name string `json:"name"`
	// Email is "" for services that have no use for it.
	Email string `json:"email,omitempty"`
}

// Directory answers who people are.
type Directory interface {
	// Contacts answers those of the accounts that exist, each once, in the order
	// asked for. Where the auth service is away it answers an *apperr.Error with
	// code Unavailable; nothing is kept, since people change their names.
	Contacts(ctx context.Context, people []ids.ID) ([]Contact, error)
}

// Ask is the body of a request.
type Ask struct {
	IDs []ids.ID `json:"ids" maxItems:"500"`
}

// Answer is the body of an answer.
type Answer struct {
	Items []Contact `json:"items"`
}

// Remote is a Directory in another process.
type Remote struct{ client *peer.Client }

var _ Directory = (*Remote)(nil)

// NewRemote makes a Directory over a client whose audience is the auth service.
func NewRemote(c *peer.Client) *Remote { return &Remote{client: c} }

// Contacts implements Directory.
func (r *Remote) Contacts(ctx context.Context, people []ids.ID) ([]Contact, error) {
	seen := make(map[ids.ID]bool, len(people))
	once := make([]ids.ID, 0, len(people))
	for _, id := range people {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	all := make([]Contact, 0, len(once))
	for len(once) > 0 {
		n := min(len(once), MaxIDs)
		var a Answer
		err := r.client.Do(ctx, peer.Call{Method: http.MethodPost, Path: Path, In: Ask{IDs: once[:n]}, Out: &a, Repeatable: true})
		if err != nil {
			return nil, err
		}
		all, once = append(all, a.Items...), once[n:]
	}
	return all, nil
}
