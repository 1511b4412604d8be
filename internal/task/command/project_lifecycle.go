package command

import (
	"headway/internal/platform/ids"
)

// ArchiveProject puts a project away: it can be read, and changed only once restored.
type ArchiveProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// TrashProject puts a project, with all that is in it, into the trash.
type TrashProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// RestoreProject brings a project back from the archive or the trash.
type RestoreProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}
