package command

import (
	"headway/internal/platform/ids"
)

// ChangeWorkspace renames a workspace. A nil field stays as it is.
type ChangeWorkspace struct {
	Workspace ids.ID
	IfSeq     *uint64
	Name      *string
}
