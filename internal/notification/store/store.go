// Package store is the port of what the notification service keeps. Adapters
// live in the folders beside it; storetest holds the suite that each passes.
//
// What is made of a workspace's events is written by Effect, with the
// consumer's checkpoint where the adapter can. Everything else (what is read,
// what is to be sent, what a person wants) is the service's own: it is not in
// the events, and a replay leaves it as it is.
package store

import (
	"context"
	"errors"
	"time"

	"headway/internal/notification/state"
	"headway/internal/platform/consumer"
	"headway/internal/platform/ids"
)

// Errors of a Store. Match them with errors.Is.
var (
	ErrNotFound = errors.New("notification store: not found")
	// ErrLost is answered where another process has taken over what was claimed.
	ErrLost = errors.New("notification store: the lease is over")
	// ErrConflict is answered where somebody else changed it first.
	ErrConflict = errors.New("notification store: changed meanwhile")
)

// Plan is what a batch of one workspace's events brings about. It is written
// in the order of its fields: a plan that is made again after a part of it was
// written finds that part by the versions, and leaves it out.
type Plan struct {
	Workspace ids.ID
	Steps     []Step
	// Reminders replace those of their tasks.
	Reminders map[ids.ID][]state.Reminder
	Tasks     []state.Task
	// Frame is nil where it does not change.
	Frame *state.Frame
}

// Step is a change of notices. What it finds, it changes only where the
// notice's version is lower than its own.
type Step struct {
	Version state.Version
	// Put, if not nil, is made; or it is shown again where it was hidden, and
	// stays read where it was.
	Put *state.Notice
	// Send has a notice that is put sent by mail too, once.
	Send bool

	// Otherwise the step is about the notices that match.
	Match Match
	// From is what they are hidden for now, To what from now on. To Undone leads
	// from everything else, whatever From is.
	From, To state.Hidden
	// MoveTo, if not zero, is the project that they are in from now on; they stay as hidden as they are.
	MoveTo ids.ID
}

// Match names notices of a user in a workspace. What is zero matches all.
type Match struct {
	User, Workspace ids.ID
	Task, About     ids.ID
	Project         ids.ID
	Kind            state.Kind
	// Outside, where not nil, matches those in a project that is not among these.
	Outside []ids.ID
}

// Hides reports whether a step that moves nothing changes what is hidden so.
func (s *Step) Hides(h state.Hidden) bool {
	if s.To == state.Undone {
		return h != state.Undone
	}
	return h == s.From
}

// Matches reports whether a notice is meant.
func (m Match) Matches(n *state.Notice) bool {
	if n.User != m.User || n.Workspace != m.Workspace {
		return false
	}
	same := func(want, is ids.ID) bool { return want.IsZero() || want == is }
	if !same(m.Task, n.Task) || !same(m.About, n.About) || !same(m.Project, n.Project) || m.Kind != "" && m.Kind != n.Kind {
		return false
	}
	if m.Outside == nil {
		return true
	}
	for _, p := range m.Outside {
		if n.Project == p {
			return false
		}
	}
	return !n.Project.IsZero()
}

// Place is a place in an inbox, which is ordered by time and then by id, newest first.
type Place struct {
	At time.Time
	ID ids.ID
}

// List asks for a part of a user's inbox.
type List struct {
	User ids.ID
	// Unread leaves out what was read.
	Unread bool
	// Without leaves out kinds.
	Without []state.Kind
	// After is the place that the answer comes after; zero is the beginning.
	After Place
	Limit int
}

// Claim is an Outgoing that nobody else tries until the lease ends. Its Tries is the fence.
type Claim struct {
	state.Outgoing
	Until time.Time
}

// Store keeps all this. Times are kept to the millisecond. It is safe for
// concurrent use, by several processes where it is shared.
type Store interface {
	Workspaces
	Notices
	Outbox
	// Settings answers the installation's settings; the first call keeps those given.
	Settings(ctx context.Context, first state.Settings) (state.Settings, error)
	// Preferences answers a person's, the zero value where they never chose.
	Preferences(ctx context.Context, user ids.ID) (state.Preferences, error)
	// SavePreferences keeps them where p.Seq is still that of those that are
	// kept, else it answers ErrConflict; what is kept has the next Seq.
	SavePreferences(ctx context.Context, user ids.ID, p state.Preferences) (state.Preferences, error)
	// Purge deletes notices older than notices, and from the outbox what is done
	// with and was made before outbox; about limit of each. It tells how many.
	Purge(ctx context.Context, notices, outbox time.Time, limit int) (int, error)
	// Dump writes what there is, for comparisons: the same for the same events,
	// however they were handled.
	Dump(ctx context.Context) ([]byte, error)
}

// Workspaces are what the events say.
type Workspaces interface {
	// Load answers a workspace's frame and those of its tasks that are known.
	// What is of an earlier generation is not. frame is nil where there is none.
	Load(ctx context.Context, workspace ids.ID, generation uint64, tasks []ids.ID) (frame *state.Frame, found map[ids.ID]state.Task, err error)
	// Seen is Load whatever the generation is, for those who look while a replay runs.
	Seen(ctx context.Context, workspace ids.ID, tasks []ids.ID) (frame *state.Frame, found map[ids.ID]state.Task, err error)
	// Effect writes a plan.
	Effect(plan Plan) consumer.Effect
	// Reset drops frames, tasks and reminders, and hides all notices.
	Reset(ctx context.Context, tx consumer.Tx) error
	// Reminders answers up to limit reminders that are due, and nobody else gets
	// them until the lease is over.
	Reminders(ctx context.Context, now, until time.Time, limit int) ([]state.Reminder, error)
	// Remind puts what decide makes of the task as it is now, and the frame,
	// with the task's version, and the reminder is over. decide may run more
	// than once; it gets nil where the task is not known.
	Remind(ctx context.Context, r state.Reminder, decide func(*state.Frame, *state.Task) []Step) error
}

// Notices are what people see.
type Notices interface {
	// List answers notices that are shown, newest first.
	List(ctx context.Context, q List) ([]state.Notice, error)
	// Unread counts the unread ones, up to limit.
	Unread(ctx context.Context, user ids.ID, without []state.Kind, limit int) (int, error)
	// Notice answers one of a user's notices, hidden or not, or ErrNotFound.
	Notice(ctx context.Context, user, id ids.ID) (state.Notice, error)
	// Mark notes those of the user's notices that are shown as read or unread, and tells how many changed.
	Mark(ctx context.Context, user ids.ID, notices []ids.ID, read bool) (int, error)
	// MarkUpTo notes as read what is shown at the place and after it (older), and tells how many changed.
	MarkUpTo(ctx context.Context, user ids.ID, place Place) (int, error)
}

// Outbox is what is to be sent.
type Outbox interface {
	// Claim answers up to limit that are due and that nobody tries, each as one
	// more try until the time.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]Claim, error)
	// Settle says what became of a claim: its State, Due and Reason are kept. A
	// claim that somebody else has taken over answers ErrLost.
	Settle(ctx context.Context, c Claim) error
	// Queue tells how the outbox stands.
	Queue(ctx context.Context) (state.Queue, error)
	// GivenUp answers up to limit that failed for good.
	GivenUp(ctx context.Context, limit int) ([]state.Outgoing, error)
}
