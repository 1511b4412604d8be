package importer

import (
	"slices"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// State is where a job stands: scanning → ready → applying ⇄ paused → done,
// or failed from scanning and applying.
type State string

// The states of a job.
const (
	Scanning State = "scanning" // the file is being checked
	Ready    State = "ready"    // the report is there; nothing is changed yet
	Applying State = "applying"
	Paused   State = "paused"
	Done     State = "done"
	Failed   State = "failed" // Error says why; Retry says whether applying may be tried again
)

// Job is one import. Values answered by the Manager are copies.
type Job struct {
	ID        ids.ID `json:"id"`
	Workspace ids.ID `json:"workspace"`
	// By is who started it; its changes are theirs.
	By     ids.ID `json:"by"`
	Format string `json:"format"`
	// Name is the file's name as uploaded; Bytes its size.
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	// Hash is the SHA-256 of the file, hex.
	Hash  string `json:"hash"`
	State State  `json:"state"`
	// Error is a sentence for the user where State is Failed, or where a pause was not asked for.
	Error string `json:"error,omitempty"`
	// Retry is set where a failed job can be applied again.
	Retry     bool      `json:"retry,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	// Total is what is to come over, Done what has been dealt with so far.
	Total    Counts `json:"total"`
	Progress Counts `json:"progress"`
	// Report is set from Ready on.
	Report *Report `json:"report,omitempty"`
	// Project is what the board becomes, set from Ready on.
	Project ids.ID `json:"project,omitzero"`

	// Size is the staged file's size.
	Size int64 `json:"size"`
	// Cursor is where applying goes on.
	Cursor Cursor `json:"cursor"`
	// Counted is set once the report's Already was taken at the start of
	// applying; CountedAt is the workspace's seq at which it was taken last.
	Counted   bool   `json:"counted"`
	CountedAt uint64 `json:"countedAt"`
}

// Counts counts things of an import.
type Counts struct {
	Cards       int `json:"cards"`
	Items       int `json:"items"`
	Comments    int `json:"comments"`
	Attachments int `json:"attachments"`
}

// add counts a creation.
func (n *Counts) add(c *Creation) {
	switch d := c.Data.(type) {
	case *event.TaskData:
		n.Cards++
		n.Items += len(d.Items)
		n.Attachments += len(d.Attachments)
	case *event.CommentData:
		if !c.Part {
			n.Comments++
		}
	}
}

// totals reads the counts off a report.
func totals(r *Report) Counts {
	of := func(kind string) int {
		if row := r.RowOf(kind); row != nil {
			return row.Comes
		}
		return 0
	}
	return Counts{Cards: of("cards"), Items: of("items"), Comments: of("comments"), Attachments: of("attachments")}
}

// rowKinds says in which row of the report a creation is counted.
var rowKinds = map[Kind]string{
	KindColumn: "lists", KindLabel: "labels", KindMember: "members", KindTask: "cards", KindComment: "comments",
}

// tally is what a workspace has of a board already.
type tally struct {
	already map[string]int // by the rows' kinds
	project ids.ID
	at      uint64 // the workspace's seq before
}

// count adds a creation that is in the workspace.
func (t *tally) count(c *Creation) {
	if kind, ok := rowKinds[c.Kind]; ok && !c.Part {
		t.already[kind]++
	}
	if d, ok := c.Data.(*event.TaskData); ok {
		t.already["items"] += len(d.Items)
		t.already["attachments"] += len(d.Attachments)
		t.already["fields"] += c.Fields
	}
}

// fill answers a copy of the report with Already filled in.
func (t *tally) fill(r Report) *Report {
	r.Rows = slices.Clone(r.Rows)
	for i := range r.Rows {
		r.Rows[i].Already = min(t.already[r.Rows[i].Kind], r.Rows[i].Comes)
	}
	return &r
}

// live reports whether the job has work of its own under way.
func (j *Job) live() bool { return j.State == Scanning || j.State == Applying }

// resumable reports whether applying can go on from where it stands.
func (j *Job) resumable() bool {
	return j.State == Ready || j.State == Paused || j.State == Failed && j.Retry
}
