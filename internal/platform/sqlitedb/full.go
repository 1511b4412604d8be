package sqlitedb

import (
	"zombiezen.com/go/sqlite"

	"headway/internal/apperr"
)

// coded gives the error of a write that found no room on the disk its code and
// its sentence; others stay as they are.
func coded(err error) error {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultFull, sqlite.ResultIOErrSHMSize:
		return &apperr.Error{
			Code:    apperr.Unavailable,
			Message: "The disk of the data folder is full: nothing can be changed until there is room. Reading goes on, and what was saved is safe.",
			Cause:   err,
		}
	}
	return err
}
