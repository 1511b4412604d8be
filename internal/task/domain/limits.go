package domain

// Limits of what one workspace, project or task may hold. Lengths are in
// Unicode code points.
const (
	MaxTitle       = 500
	MaxDescription = 100_000
	MaxComment     = 20_000
	MaxItemTitle   = 1_000
	MaxName        = 100 // of workspaces, projects, columns, labels, placeholders, checklists
	MaxLinkName    = 500
	MaxURL         = 2_000

	MaxItems       = 500 // per task
	MaxTaskLabels  = 50  // per task
	MaxAssignees   = 50  // per task
	MaxAttachments = 200 // per task

	MaxColumns         = 100 // per project, made by hand
	MaxImportedColumns = 1_000
	MaxProjects        = 2_000 // per workspace, as all below
	MaxLabels          = 5_000
	MaxMembers         = 10_000 // with placeholders and former members
	MaxInvitations     = 500
	MaxColumnLimit     = 10_000 // the tasks a column says it should hold
)
