package command

import (
	"headway/internal/platform/ids"
)

// ArchiveTask puts a task away.
type ArchiveTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// TrashTask puts a task into the trash.
type TrashTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// RestoreTask brings a task back from the archive or the trash.
type RestoreTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}

// PurgeTask deletes a trashed task for good, with its comments.
type PurgeTask struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
}
