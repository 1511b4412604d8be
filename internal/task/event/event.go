// Package event is the task service's published language: the types of the
// workspace events, their versions and their payloads. Other services may
// import it; it imports nothing of the service. A payload, once written, is
// never changed: a new shape gets a new version and an upcaster.
package event

import (
	"time"

	"headway/internal/platform/ids"
)

// Type names a kind of event.
type Type string

// The event types. Each is stored with a version, see registry.go.
const (
	WorkspaceCreated Type = "workspace.created"
	WorkspaceChanged Type = "workspace.changed"

	MemberAdded   Type = "member.added"
	MemberChanged Type = "member.changed"
	MemberRemoved Type = "member.removed"

	InvitationCreated  Type = "invitation.created"
	InvitationAccepted Type = "invitation.accepted"
	InvitationRevoked  Type = "invitation.revoked"

	ProjectCreated  Type = "project.created"
	ProjectChanged  Type = "project.changed"
	ProjectArchived Type = "project.archived"
	ProjectTrashed  Type = "project.trashed"
	ProjectRestored Type = "project.restored"

	ColumnCreated Type = "column.created"
	ColumnChanged Type = "column.changed"
	ColumnRemoved Type = "column.removed"

	LabelCreated Type = "label.created"
	LabelChanged Type = "label.changed"
	LabelRemoved Type = "label.removed"

	TaskCreated  Type = "task.created"
	TaskChanged  Type = "task.changed"
	TaskMoved    Type = "task.moved"
	TaskArchived Type = "task.archived"
	TaskTrashed  Type = "task.trashed"
	TaskRestored Type = "task.restored"
	TaskPurged   Type = "task.purged"

	ItemsAdded  Type = "checklist.items_added"
	ItemChanged Type = "checklist.item_changed"
	ItemRemoved Type = "checklist.item_removed"

	AttachmentAdded   Type = "attachment.added"
	AttachmentRemoved Type = "attachment.removed"

	CommentAdded   Type = "comment.added"
	CommentChanged Type = "comment.changed"
	CommentRemoved Type = "comment.removed"
)

// Change is a field's value before and after.
type Change[T any] struct {
	From T `json:"from"`
	To   T `json:"to"`
}

// Role is what a member may do in a workspace.
type Role string

// The roles, most powerful first.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
	Guest  Role = "guest"
)

// MemberKind tells people who sign in from names that came with an import.
type MemberKind string

// The kinds of member. A placeholder has no account and no access.
const (
	Person      MemberKind = "person"
	Placeholder MemberKind = "placeholder"
)

// Category is what a column means for the work in it.
type Category string

// The status categories.
const (
	Backlog   Category = "backlog"
	Open      Category = "open"
	Active    Category = "active"
	Done      Category = "done"
	Cancelled Category = "cancelled"
)

// Priority is how pressing a task is.
type Priority string

// The priorities.
const (
	NoPriority Priority = "none"
	Low        Priority = "low"
	Medium     Priority = "medium"
	High       Priority = "high"
	Urgent     Priority = "urgent"
)

// Lifecycle is where a task or project stands between use and deletion.
type Lifecycle string

// The lifecycle states.
const (
	Live     Lifecycle = "live"
	Archived Lifecycle = "archived"
	Trashed  Lifecycle = "trashed"
)

// Date is a day ("2026-03-01", in the user's zone) or a moment
// ("2026-03-01T09:00:00Z", RFC 3339 in UTC); "" is none.
type Date string

// Column is a column of a project's board.
type Column struct {
	ID       ids.ID   `json:"id"`
	Name     string   `json:"name"`
	Category Category `json:"category"`
	Position string   `json:"position"`
	// Limit is how many tasks the column should hold at most; 0 is no limit.
	Limit int `json:"limit,omitempty"`
	// Archived columns keep their tasks and are not shown on the board.
	Archived bool `json:"archived,omitempty"`
}

// Item is one line of a checklist.
type Item struct {
	ID ids.ID `json:"id"`
	// List is the checklist's name where a task has several; "" is the only one.
	List     string `json:"list,omitempty"`
	Title    string `json:"title"`
	Done     bool   `json:"done"`
	Position string `json:"position"`
}

// Attachment is a link that hangs on a task.
type Attachment struct {
	ID   ids.ID `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Comment is a comment on a task.
type Comment struct {
	ID   ids.ID `json:"id"`
	Text string `json:"text"`
	// Author is a member, a placeholder for imported ones.
	Author ids.ID `json:"author"`
	// At is when it was written, which for imported ones is before the event.
	At time.Time `json:"at"`
}
