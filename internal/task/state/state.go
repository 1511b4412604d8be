// Package state holds what a workspace's events fold to: the frame (members,
// projects with their columns, labels) and the tasks with what hangs on them.
// The same fold serves the command side, the projections, time travel and the
// rebuild, so they cannot differ. Field names in JSON are those of the API.
package state

import (
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Frame is the small, bounded part of a workspace that most decisions need.
// A published frame is never changed: a change copies what it touches.
type Frame struct {
	Workspace   Workspace
	Members     map[ids.ID]*Member
	Projects    map[ids.ID]*Project
	Labels      map[ids.ID]*Label
	Invitations map[ids.ID]*Invitation
}

// Workspace is the workspace's own row.
type Workspace struct {
	ID        ids.ID    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt"`
	CreatedBy ids.ID    `json:"createdBy"`
	Seq       uint64    `json:"seq"`
}

// Member is a person's (or a placeholder's) place in a workspace.
type Member struct {
	User ids.ID           `json:"user"`
	Role event.Role       `json:"role"`
	Kind event.MemberKind `json:"kind"`
	// Name is set for placeholders; people's names come from the auth service.
	Name string `json:"name,omitempty"`
	// Projects are those that a guest may see.
	Projects []ids.ID `json:"projects,omitempty"`
	// Granted holds, for each of a guest's projects, the seq at which access came.
	Granted map[ids.ID]uint64 `json:"granted,omitempty"`
	// Revoked holds projects that a guest could see once, with the seq at which access went.
	Revoked map[ids.ID]uint64 `json:"revoked,omitempty"`
	// RoleSeq is the seq at which the role last changed: sync starts afresh for a since below it.
	RoleSeq  uint64    `json:"roleSeq"`
	JoinedAt time.Time `json:"joinedAt"`
	Seq      uint64    `json:"seq"`
	// Removed members keep their row so that their seq reaches every reader.
	Removed bool `json:"removed,omitempty"`
}

// Invitation is an open invitation. It is not part of sync.
type Invitation struct {
	ID        ids.ID     `json:"id"`
	Role      event.Role `json:"role"`
	Projects  []ids.ID   `json:"projects,omitempty"`
	TokenHash string     `json:"tokenHash"`
	Expires   time.Time  `json:"expires"`
	CreatedBy ids.ID     `json:"createdBy"`
	CreatedAt time.Time  `json:"createdAt"`
	Seq       uint64     `json:"seq"`
}

// Project is a project with its columns.
type Project struct {
	ID          ids.ID          `json:"id"`
	Name        string          `json:"name"`
	Key         string          `json:"key"`
	Color       string          `json:"color"`
	Description string          `json:"description"`
	Position    string          `json:"position"`
	State       event.Lifecycle `json:"state"`
	Columns     []event.Column  `json:"columns"`
	CreatedAt   time.Time       `json:"createdAt"`
	CreatedBy   ids.ID          `json:"createdBy"`
	Seq         uint64          `json:"seq"`
}

// Label is a label of a workspace.
type Label struct {
	ID    ids.ID `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color"`
	Seq   uint64 `json:"seq"`
}

// Task is a task as a list shows it (a card), and its Detail where that was loaded.
type Task struct {
	ID        ids.ID
	Project   ids.ID
	Column    ids.ID
	Number    uint64
	Title     string
	Priority  event.Priority
	Labels    []ids.ID
	Assignees []ids.ID
	Start     event.Date
	Due       event.Date
	Position  string
	State     event.Lifecycle
	Completed *time.Time

	// Counts of what hangs on it, so that a list needs no other row.
	ItemsDone, ItemsTotal, Comments, Attachments int
	HasDescription                               bool

	CreatedAt time.Time
	CreatedBy ids.ID
	UpdatedAt time.Time
	Seq       uint64

	// Detail is nil where it was not loaded.
	Detail *Detail
}

// Detail is the part of a task that only its own page shows.
type Detail struct {
	Description string
	Items       []event.Item
	Attachments []event.Attachment
}

// Comment is a comment with where it hangs.
type Comment struct {
	ID        ids.ID     `json:"id"`
	Task      ids.ID     `json:"task"`
	Project   ids.ID     `json:"project"`
	Author    ids.ID     `json:"author"`
	Text      string     `json:"text"`
	CreatedAt time.Time  `json:"createdAt"`
	EditedAt  *time.Time `json:"editedAt"`
	Seq       uint64     `json:"seq"`
}
