package event

import (
	"time"

	"headway/internal/platform/ids"
)

// Payload is the decoded data of an event. One Go type may serve several
// event types (TaskPatch serves change, move, archive, trash and restore).
type Payload interface{ payload() }

// WorkspaceData is the payload of WorkspaceCreated.
type WorkspaceData struct {
	Name string `json:"name"`
}

// WorkspacePatch is the payload of WorkspaceChanged.
type WorkspacePatch struct {
	Name *Change[string] `json:"name,omitempty"`
}

// MemberData is the payload of MemberAdded and MemberRemoved.
type MemberData struct {
	User ids.ID     `json:"user"`
	Role Role       `json:"role"`
	Kind MemberKind `json:"kind"`
	// Name is set for placeholders only; a person's name belongs to the account stream.
	Name string `json:"name,omitempty"`
	// Projects are those that a guest may see.
	Projects []ids.ID `json:"projects,omitempty"`
}

// MemberPatch is the payload of MemberChanged.
type MemberPatch struct {
	User     ids.ID            `json:"user"`
	Role     *Change[Role]     `json:"role,omitempty"`
	Projects *Change[[]ids.ID] `json:"projects,omitempty"`
}

// InvitationData is the payload of InvitationCreated and InvitationRevoked.
type InvitationData struct {
	ID       ids.ID   `json:"id"`
	Role     Role     `json:"role"`
	Projects []ids.ID `json:"projects,omitempty"`
	// TokenHash is the SHA-256 of the link's secret, base64url.
	TokenHash string    `json:"tokenHash"`
	Expires   time.Time `json:"expires"`
}

// InvitationUse is the payload of InvitationAccepted.
type InvitationUse struct {
	ID   ids.ID `json:"id"`
	User ids.ID `json:"user"`
}

// ProjectData is the payload of ProjectCreated.
type ProjectData struct {
	Name        string   `json:"name"`
	Key         string   `json:"key"`
	Color       string   `json:"color"`
	Description string   `json:"description,omitempty"`
	Position    string   `json:"position"`
	Columns     []Column `json:"columns"`
	// State is Archived where an archived board was imported.
	State Lifecycle `json:"state"`
}

// ProjectPatch is the payload of the other project events.
type ProjectPatch struct {
	Name        *Change[string]    `json:"name,omitempty"`
	Key         *Change[string]    `json:"key,omitempty"`
	Color       *Change[string]    `json:"color,omitempty"`
	Description *Change[string]    `json:"description,omitempty"`
	Position    *Change[string]    `json:"position,omitempty"`
	State       *Change[Lifecycle] `json:"state,omitempty"`
}

// ColumnData is the payload of ColumnCreated and ColumnRemoved. The event's entity is the project.
type ColumnData struct {
	Column Column `json:"column"`
}

// ColumnPatch is the payload of ColumnChanged. The event's entity is the project.
type ColumnPatch struct {
	ID       ids.ID            `json:"id"`
	Name     *Change[string]   `json:"name,omitempty"`
	Category *Change[Category] `json:"category,omitempty"`
	Position *Change[string]   `json:"position,omitempty"`
	Limit    *Change[int]      `json:"limit,omitempty"`
	Archived *Change[bool]     `json:"archived,omitempty"`
}

// LabelData is the payload of LabelCreated and LabelRemoved.
type LabelData struct {
	Name  string `json:"name"`
	Color string `json:"color"`
}

// LabelPatch is the payload of LabelChanged.
type LabelPatch struct {
	Name  *Change[string] `json:"name,omitempty"`
	Color *Change[string] `json:"color,omitempty"`
}

// TaskData is the payload of TaskCreated. The event's scope is the project.
type TaskData struct {
	Project     ids.ID       `json:"project"`
	Column      ids.ID       `json:"column"`
	Number      uint64       `json:"number"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	Priority    Priority     `json:"priority"`
	Labels      []ids.ID     `json:"labels,omitempty"`
	Assignees   []ids.ID     `json:"assignees,omitempty"`
	Start       Date         `json:"start,omitempty"`
	Due         Date         `json:"due,omitempty"`
	Position    string       `json:"position"`
	State       Lifecycle    `json:"state"`
	Completed   *time.Time   `json:"completed,omitempty"`
	Items       []Item       `json:"items,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// Created is set where an imported task is older than its event.
	Created *time.Time `json:"created,omitempty"`
}

// TaskPatch is the payload of TaskChanged, TaskMoved, TaskArchived, TaskTrashed
// and TaskRestored. The event's scope is the project the task is in after it;
// where Project is set, it was in another before.
type TaskPatch struct {
	Title       *Change[string]     `json:"title,omitempty"`
	Description *Change[string]     `json:"description,omitempty"`
	Priority    *Change[Priority]   `json:"priority,omitempty"`
	Labels      *Change[[]ids.ID]   `json:"labels,omitempty"`
	Assignees   *Change[[]ids.ID]   `json:"assignees,omitempty"`
	Start       *Change[Date]       `json:"start,omitempty"`
	Due         *Change[Date]       `json:"due,omitempty"`
	Project     *Change[ids.ID]     `json:"project,omitempty"`
	Number      *Change[uint64]     `json:"number,omitempty"`
	Column      *Change[ids.ID]     `json:"column,omitempty"`
	Position    *Change[string]     `json:"position,omitempty"`
	State       *Change[Lifecycle]  `json:"state,omitempty"`
	Completed   *Change[*time.Time] `json:"completed,omitempty"`
}

// TaskGone is the payload of TaskPurged.
type TaskGone struct {
	Project ids.ID `json:"project"`
	Title   string `json:"title"`
}

// ItemsData is the payload of ItemsAdded.
type ItemsData struct {
	Items []Item `json:"items"`
}

// ItemData is the payload of ItemRemoved.
type ItemData struct {
	Item Item `json:"item"`
}

// ItemPatch is the payload of ItemChanged.
type ItemPatch struct {
	ID       ids.ID          `json:"id"`
	List     *Change[string] `json:"list,omitempty"`
	Title    *Change[string] `json:"title,omitempty"`
	Done     *Change[bool]   `json:"done,omitempty"`
	Position *Change[string] `json:"position,omitempty"`
}

// AttachmentData is the payload of AttachmentAdded and AttachmentRemoved.
type AttachmentData struct {
	Attachment Attachment `json:"attachment"`
}

// CommentData is the payload of CommentAdded and CommentRemoved. The event's entity is the task.
type CommentData struct {
	Comment Comment `json:"comment"`
}

// CommentPatch is the payload of CommentChanged.
type CommentPatch struct {
	ID   ids.ID          `json:"id"`
	Text *Change[string] `json:"text,omitempty"`
}

func (*WorkspaceData) payload()  {}
func (*WorkspacePatch) payload() {}
func (*MemberData) payload()     {}
func (*MemberPatch) payload()    {}
func (*InvitationData) payload() {}
func (*InvitationUse) payload()  {}
func (*ProjectData) payload()    {}
func (*ProjectPatch) payload()   {}
func (*ColumnData) payload()     {}
func (*ColumnPatch) payload()    {}
func (*LabelData) payload()      {}
func (*LabelPatch) payload()     {}
func (*TaskData) payload()       {}
func (*TaskPatch) payload()      {}
func (*TaskGone) payload()       {}
func (*ItemsData) payload()      {}
func (*ItemData) payload()       {}
func (*ItemPatch) payload()      {}
func (*AttachmentData) payload() {}
func (*CommentData) payload()    {}
func (*CommentPatch) payload()   {}
