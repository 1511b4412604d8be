package command

import (
	"headway/internal/platform/ids"
)

// ChangeProject changes what a project is called and where it stands. A nil
// field stays as it is.
type ChangeProject struct {
	Workspace, ID ids.ID
	IfSeq         *uint64
	Name          *string
	Key           *string
	Color         *string
	Description   *string
	Position      *string
}
