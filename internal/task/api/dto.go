package api

import "encoding/json"

// The types in this file document the answers. Most answers are joined from
// rows that were encoded when they changed, never from these types; a test
// decodes real answers into them, strictly, so that neither can drift.

// Card is a task as lists, sync and the live stream send it.
type Card struct {
	ID             string   `json:"id" format:"uuid"`
	Project        string   `json:"project" format:"uuid"`
	Column         string   `json:"column" format:"uuid"`
	Number         uint64   `json:"number" doc:"The task's number in its project. On screen a task is called by the project's key and this number, such as APP-12."`
	Title          string   `json:"title" example:"Draw the floor plan"`
	Priority       string   `json:"priority" enum:"none,low,medium,high,urgent"`
	Labels         []string `json:"labels" doc:"Ids of labels."`
	Assignees      []string `json:"assignees" doc:"Ids of members."`
	Start          string   `json:"start" doc:"A day (2026-03-01, in the user's zone), a moment (RFC 3339, UTC) or empty."`
	Due            string   `json:"due" doc:"Like start." example:"2026-03-01"`
	Position       string   `json:"position" doc:"The place in the column: compare as bytes, ties by id." example:"a0"`
	State          string   `json:"state" enum:"live,archived,trashed"`
	CompletedAt    *string  `json:"completedAt" format:"date-time" doc:"When it last entered a column of category done, null while it is not in one."`
	ItemsDone      int      `json:"itemsDone"`
	ItemsTotal     int      `json:"itemsTotal"`
	Comments       int      `json:"comments"`
	Attachments    int      `json:"attachments"`
	HasDescription bool     `json:"hasDescription"`
	CreatedAt      string   `json:"createdAt" format:"date-time"`
	CreatedBy      string   `json:"createdBy" format:"uuid"`
	UpdatedAt      string   `json:"updatedAt" format:"date-time"`
	Seq            uint64   `json:"seq" doc:"The seq of the task's newest change; If-Match takes it."`
}

// Task is a task with what only its own page shows.
type Task struct {
	Card
	Description     string       `json:"description" doc:"Markdown."`
	Items           []Item       `json:"items"`
	AttachmentLinks []Attachment `json:"attachmentLinks"`
}

// Item is one line of a checklist.
type Item struct {
	ID       string `json:"id" format:"uuid"`
	List     string `json:"list" doc:"The checklist's name where a task has several, empty for the only one."`
	Title    string `json:"title"`
	Done     bool   `json:"done"`
	Position string `json:"position"`
}

// Attachment is a link that hangs on a task.
type Attachment struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
	URL  string `json:"url" format:"uri"`
}

// Comment is a comment on a task.
type Comment struct {
	ID        string  `json:"id" format:"uuid"`
	Task      string  `json:"task" format:"uuid"`
	Project   string  `json:"project" format:"uuid"`
	Author    string  `json:"author" format:"uuid"`
	Text      string  `json:"text" doc:"Markdown."`
	CreatedAt string  `json:"createdAt" format:"date-time"`
	EditedAt  *string `json:"editedAt" format:"date-time" doc:"Null where it was never edited."`
	Seq       uint64  `json:"seq"`
}

// Workspace is a workspace's own row.
type Workspace struct {
	ID        string `json:"id" format:"uuid"`
	Name      string `json:"name" example:"Harbour Studio"`
	CreatedAt string `json:"createdAt" format:"date-time"`
	CreatedBy string `json:"createdBy" format:"uuid"`
	Seq       uint64 `json:"seq" doc:"The seq of the row's newest change."`
}

// OwnWorkspace is a workspace with the caller's role in it.
type OwnWorkspace struct {
	Workspace
	Role string `json:"role" enum:"owner,admin,member,guest"`
}

// Member is a person's or a placeholder's place in a workspace.
type Member struct {
	User     string            `json:"user" format:"uuid"`
	Role     string            `json:"role" enum:"owner,admin,member,guest"`
	Kind     string            `json:"kind" enum:"person,placeholder" doc:"A placeholder is a name that came with an import; it has no account and no access."`
	Name     string            `json:"name,omitempty" doc:"Set for placeholders; people's names come from the auth service."`
	Projects []string          `json:"projects,omitempty" doc:"The projects that a guest may see."`
	Granted  map[string]uint64 `json:"granted,omitempty" doc:"For each of a guest's projects, the seq at which access came."`
	Revoked  map[string]uint64 `json:"revoked,omitempty" doc:"Projects that a guest could see once, with the seq at which access went."`
	RoleSeq  uint64            `json:"roleSeq" doc:"The seq at which the role last changed."`
	JoinedAt string            `json:"joinedAt" format:"date-time"`
	Seq      uint64            `json:"seq"`
	Removed  bool              `json:"removed,omitempty" doc:"Set in sync and the live stream for a member who has left."`
}

// Project is a project with its columns in board order.
type Project struct {
	ID          string   `json:"id" format:"uuid"`
	Name        string   `json:"name" example:"App"`
	Key         string   `json:"key" example:"APP"`
	Color       string   `json:"color" enum:"gray,red,orange,yellow,green,teal,blue,indigo,purple,pink"`
	Description string   `json:"description"`
	Position    string   `json:"position"`
	State       string   `json:"state" enum:"live,archived,trashed"`
	Columns     []Column `json:"columns"`
	CreatedAt   string   `json:"createdAt" format:"date-time"`
	CreatedBy   string   `json:"createdBy" format:"uuid"`
	Seq         uint64   `json:"seq"`
}

// Column is a column of a project's board.
type Column struct {
	ID       string `json:"id" format:"uuid"`
	Name     string `json:"name" example:"In progress"`
	Category string `json:"category" enum:"backlog,open,active,done,cancelled"`
	Position string `json:"position"`
	Limit    int    `json:"limit,omitempty" doc:"How many tasks it should hold at most; absent for no limit."`
	Archived bool   `json:"archived,omitempty"`
}

// Label is a label of a workspace.
type Label struct {
	ID    string `json:"id" format:"uuid"`
	Name  string `json:"name"`
	Color string `json:"color" enum:"gray,red,orange,yellow,green,teal,blue,indigo,purple,pink"`
	Seq   uint64 `json:"seq"`
}

// Invitation is an open invitation.
type Invitation struct {
	ID        string   `json:"id" format:"uuid"`
	Role      string   `json:"role" enum:"owner,admin,member,guest"`
	Projects  []string `json:"projects,omitempty"`
	Expires   string   `json:"expires" format:"date-time"`
	CreatedBy string   `json:"createdBy" format:"uuid"`
	CreatedAt string   `json:"createdAt" format:"date-time"`
	Seq       uint64   `json:"seq"`
}

// NewInvitation is a fresh invitation with its secret, which is shown this once.
type NewInvitation struct {
	ID      string `json:"id" format:"uuid"`
	Token   string `json:"token" doc:"The secret. Whoever has it may join; it is not kept and not shown again."`
	URL     string `json:"url" doc:"A link into the web app that carries the token."`
	Expires string `json:"expires" format:"date-time"`
}

// Joined says which workspace an accepted invitation opened.
type Joined struct {
	Workspace string `json:"workspace" format:"uuid"`
}

// Counts is how many live tasks each column of a project holds.
type Counts struct {
	Columns map[string]int `json:"columns" doc:"By column id."`
	Seq     uint64         `json:"seq" doc:"The project's seq that this is as of."`
}

// Event is one recorded change.
type Event struct {
	Seq    uint64          `json:"seq"`
	Type   string          `json:"type" example:"task.moved"`
	Entity string          `json:"entity" format:"uuid" doc:"What it is about. For comments and checklist items, the task."`
	Scope  string          `json:"scope" doc:"The project it belongs to, empty for the whole workspace."`
	Actor  string          `json:"actor" format:"uuid"`
	At     string          `json:"at" format:"date-time"`
	Cause  string          `json:"cause" doc:"undo:SEQ, import:ID or empty."`
	Data   json.RawMessage `json:"data" doc:"The payload of the type; changes carry from and to."`
}

// Removed names a row that is gone, or that the caller may no longer see.
// The removal of a project takes along everything in it; that of a task its comments.
type Removed struct {
	Kind  string `json:"kind" enum:"workspace,member,project,label,task,comment"`
	ID    string `json:"id" format:"uuid"`
	Scope string `json:"scope" doc:"The project that it was in, empty for the whole workspace."`
}

// List is an answer that comes whole.
type List[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"Always null: this list comes whole."`
}

// Page is a page of rows as of a seq.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"The cursor of the next page, null on the last one."`
	Seq   uint64  `json:"seq" doc:"The seq that this is as of; sync from here."`
}

// HistoryPage is a page of events, newest first.
type HistoryPage struct {
	Items []Event `json:"items" doc:"Fewer than limit where most of the newest events are not visible to the caller."`
	Next  *string `json:"next" doc:"The cursor of the next page, null at the beginning of the log."`
}

// Rows are rows that changed, as they are now.
type Rows struct {
	Workspace *Workspace `json:"workspace" doc:"Null where it did not change."`
	Members   []Member   `json:"members"`
	Projects  []Project  `json:"projects"`
	Labels    []Label    `json:"labels"`
	Tasks     []Card     `json:"tasks"`
	Comments  []Comment  `json:"comments"`
	Removed   []Removed  `json:"removed" doc:"Apply these before the rows."`
}

// Sync is what changed after a seq.
type Sync struct {
	Since uint64  `json:"since"`
	Seq   uint64  `json:"seq" doc:"Where more is false: ask with since set to this next time."`
	More  bool    `json:"more" doc:"There are further pages: ask again with cursor set to next."`
	Next  *string `json:"next" doc:"The cursor of the next page, null where more is false."`
	Fresh bool    `json:"fresh" doc:"Throw the local copy away before taking this in."`
	Rows
}

// Change is one message of the live stream: what one or more commands changed.
type Change struct {
	Seq    uint64  `json:"seq" doc:"The newest seq that this brings, also the message's id."`
	Events []Event `json:"events"`
	Rows
}

// UndoReport says what an undo set back.
type UndoReport struct {
	Undone int        `json:"undone" doc:"How many fields and things were set back."`
	Left   []UndoLeft `json:"left" doc:"What was left as it is, since it changed after the undone change."`
}

// UndoLeft is a thing that an undo left alone.
type UndoLeft struct {
	Entity string `json:"entity" format:"uuid"`
	Field  string `json:"field"`
	Why    string `json:"why"`
}
