// Package domain decides who hears of what. Its functions are pure.
package domain

import (
	"time"

	"headway/internal/notification/state"
	"headway/internal/platform/ids"
)

// space is the namespace of the ids that are derived here.
var space = ids.MustParse("6f5d6a52-9c0e-8b53-9b86-2f3f5f3f0a11")

// NoticeID is the id of what an event has to tell a user. origin is the
// event's id, or for what time brings the deadline's.
func NoticeID(origin, user ids.ID, kind state.Kind) ids.ID {
	return ids.Derive(space, "notice", origin.String(), user.String(), string(kind))
}

// OutgoingID is the id of a notice on its way by a channel.
func OutgoingID(notice ids.ID, channel state.Channel) ids.ID {
	return ids.Derive(space, "outgoing", notice.String(), string(channel))
}

// Limits in time.
const (
	// Keep is how long a notice is kept. What happened before is not told any more.
	Keep = 90 * 24 * time.Hour
	// KeepSent is how long it is known what was sent.
	KeepSent = 30 * 24 * time.Hour
	// MailWithin is how old something may be to be mailed of, well below KeepSent
	// so that a replay mails nothing again.
	MailWithin = 7 * 24 * time.Hour
	// Settles is how long a mail waits, so that what is undone at once is not mailed.
	Settles = 10 * time.Second
)

// Old reports whether something happened too long ago to be told.
func Old(at, now time.Time) bool { return at.Before(now.Add(-Keep)) }

// Mails reports whether a notice is to be mailed of.
func Mails(n *state.Notice, began, now time.Time) bool {
	return state.Mailed(state.TopicOf(n.Kind)) && !n.At.Before(began) && !n.At.Before(now.Add(-MailWithin))
}
