package state

import (
	"time"

	"headway/internal/platform/ids"
)

// Outgoing is a notice on its way to a person by a channel. There is one for
// each event, channel and recipient.
type Outgoing struct {
	User ids.ID
	// ID is derived from Notice and Channel.
	ID      ids.ID
	Notice  ids.ID
	Channel Channel
	// Created is when it was put into the outbox.
	Created time.Time
	// Due is when it is next tried.
	Due   time.Time
	State SendState
	// Tries counts those that were begun.
	Tries int
	// Reason is why the last try failed, or why it is not sent.
	Reason string
}

// SendState is how far an Outgoing is.
type SendState string

// The states. All but Pending are final.
const (
	Pending SendState = "pending"
	Sent    SendState = "sent"
	// Skipped is not wanted any more: read, undone, or switched off.
	Skipped SendState = "skipped"
	// Failed is given up.
	Failed SendState = "failed"
)

// Queue is how the outbox stands.
type Queue struct {
	Pending, Failed int
	// Oldest is when the oldest pending one was created; zero where there is none.
	Oldest time.Time
}
