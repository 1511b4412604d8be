// Package state holds what the notification service keeps: what it needs to
// know of workspaces and tasks, the notices of each person, what is to be
// sent, and what each person wants to hear of.
package state

import (
	"slices"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Version orders what was made of a workspace's events, also over replays: a
// row takes a change only if its own version is lower.
type Version uint64

// A version holds a generation, a seq below 2^40, and a stage.
const (
	stageBits = 2
	seqBits   = 40
)

// At is the version of what a generation of the consumer made of the event with the seq.
func At(generation, seq uint64) Version {
	return Version(generation<<(seqBits+stageBits) | seq&(1<<seqBits-1)<<stageBits)
}

// Generation is the replay that the version belongs to.
func (v Version) Generation() uint64 { return uint64(v) >> (seqBits + stageBits) }

// Stage is the version of what time made, up to the third time, of what has the version.
func (v Version) Stage(n uint) Version { return v | Version(n&(1<<stageBits-1)) }

// Frame is what is known of a workspace beside its tasks.
type Frame struct {
	Workspace ids.ID  `json:"workspace"`
	Name      string  `json:"name"`
	Version   Version `json:"version"`
	// Members are the people in it, without those who left and without placeholders.
	Members  map[ids.ID]Member  `json:"members,omitempty"`
	Projects map[ids.ID]Project `json:"projects,omitempty"`
	// Invitations holds who made each open invitation.
	Invitations map[ids.ID]ids.ID `json:"invitations,omitempty"`
}

// Member is what somebody may see.
type Member struct {
	Role event.Role `json:"role"`
	// Projects are those that a guest may see.
	Projects []ids.ID `json:"projects,omitempty"`
}

// Sees reports whether the member may see a project.
func (m Member) Sees(project ids.ID) bool {
	return m.Role != event.Guest || slices.Contains(m.Projects, project)
}

// Project is a project.
type Project struct {
	Name  string          `json:"name"`
	Key   string          `json:"key"`
	State event.Lifecycle `json:"state"`
}

// Sees reports whether a user is in the workspace and may see the project; the
// zero project stands for the workspace itself.
func (f *Frame) Sees(user, project ids.ID) bool {
	m, ok := f.Members[user]
	if !ok || project.IsZero() {
		return ok
	}
	return m.Sees(project) && f.Projects[project].State != event.Trashed
}

// Task is what is known of a task.
type Task struct {
	Workspace ids.ID          `json:"workspace"`
	ID        ids.ID          `json:"id"`
	Version   Version         `json:"version"`
	Project   ids.ID          `json:"project"`
	Number    uint64          `json:"number"`
	Title     string          `json:"title"`
	Assignees []ids.ID        `json:"assignees,omitempty"`
	Creator   ids.ID          `json:"creator"`
	Due       event.Date      `json:"due,omitempty"`
	State     event.Lifecycle `json:"state"`
	Completed bool            `json:"completed,omitempty"`
	// Purged tasks stay, without anything but their version.
	Purged bool `json:"purged,omitempty"`
	// Told are those who may have a notice about it.
	Told []ids.ID `json:"told,omitempty"`
}

// Tell notes users who may have a notice from now on.
func (t *Task) Tell(users ...ids.ID) {
	for _, u := range users {
		if !slices.Contains(t.Told, u) {
			t.Told = append(slices.Clip(t.Told), u)
		}
	}
}

// Kind is what a notice is about.
type Kind string

// The kinds.
const (
	Assigned  Kind = "assigned"
	Mentioned Kind = "mentioned"
	Commented Kind = "commented"
	// DueSoon begins a day before a task is due, and ends when it is overdue.
	DueSoon Kind = "due_soon"
	Overdue Kind = "overdue"
	// Joined: somebody accepted one's invitation.
	Joined Kind = "joined"
)

// Kinds are all kinds.
var Kinds = []Kind{Assigned, Mentioned, Commented, DueSoon, Overdue, Joined}

// Notice is one entry of a person's inbox.
type Notice struct {
	User ids.ID
	// ID is derived from what the notice tells, so that it is made once.
	ID        ids.ID
	Workspace ids.ID
	// Project and Task are zero where it is about the workspace.
	Project, Task ids.ID
	// About is the comment that it is about, else the task, else the workspace.
	About ids.ID
	Kind  Kind
	// Actor is who did it, zero for what time brought.
	Actor ids.ID
	// At is when it happened, to the millisecond.
	At   time.Time
	Read bool
	// Hidden says why it is not shown; Shown where it is.
	Hidden  Hidden
	Version Version
}

// Hidden is why a notice is not shown.
type Hidden string

// The reasons.
const (
	Shown Hidden = ""
	// WithTask and WithProject last until the task or project is out of the trash.
	WithTask    Hidden = "task"
	WithProject Hidden = "project"
	// Undone lasts.
	Undone Hidden = "undone"
	// Replaying lasts until a replay comes to it.
	Replaying Hidden = "replay"
)

// Reminder is a moment at which a task is looked at.
type Reminder struct {
	Workspace, Task ids.ID
	// Version is that of the task whose due date it is made of.
	Version Version
	At      time.Time
}

// Settings are the installation's, made once.
type Settings struct {
	// Began is when the service first ran: nobody is mailed of what was before.
	Began time.Time
	// Secret signs links in mails; 32 bytes.
	Secret []byte
}

// String keeps the secret out of logs.
func (Settings) String() string { return "[notification settings]" }

// GoString keeps the secret out of logs.
func (s Settings) GoString() string { return s.String() }
