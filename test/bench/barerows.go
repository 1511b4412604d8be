package main

import (
	"zombiezen.com/go/sqlite"

	"headway/internal/platform/ids"
)

// sampleRows are the rows that one create writes.
type sampleRows struct{}

// copyStore makes the source's tables in conn.
func copyStore(source string, conn *sqlite.Conn) (*sampleRows, error) {
	return &sampleRows{}, nil
}

// insert writes the rows of one more task.
func (r *sampleRows) insert(conn *sqlite.Conn, id ids.ID) error { return nil }
