package query

import (
	"encoding/base64"
	"encoding/binary"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

// A cursor is opaque to clients: a tag that says which list it belongs to and
// the place in it, base64url. It grants nothing, since every page passes the
// access filter again, so it is not signed.

// The tags.
const (
	cursorTasks    = 't'
	cursorShelf    = 's'
	cursorComments = 'c'
	cursorHistory  = 'h'
	cursorSync     = 'y'
)

// maxCursor bounds the text of a cursor: a sync cursor that lists a guest's projects is the longest.
const maxCursor = 8192

func errCursor() error {
	return apperr.InvalidField("query.cursor", "must be the next value of the page before, or absent")
}

// place builds or reads the inside of a cursor.
type place struct {
	b   []byte
	bad bool
}

func startPlace(tag byte) *place { return &place{b: []byte{tag}} }

func openPlace(tag byte, cursor string) (*place, error) {
	if len(cursor) > maxCursor {
		return nil, errCursor()
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) == 0 || b[0] != tag {
		return nil, errCursor()
	}
	return &place{b: b[1:]}, nil
}

func (p *place) putUint(n uint64) *place { p.b = binary.AppendUvarint(p.b, n); return p }
func (p *place) putID(id ids.ID) *place  { p.b = append(p.b, id[:]...); return p }

// putString goes last: it runs to the end.
func (p *place) putString(s string) *place { p.b = append(p.b, s...); return p }

func (p *place) String() string { return base64.RawURLEncoding.EncodeToString(p.b) }

func (p *place) uint() uint64 {
	n, used := binary.Uvarint(p.b)
	if used <= 0 {
		p.bad = true
		return 0
	}
	p.b = p.b[used:]
	return n
}

func (p *place) id() ids.ID {
	var id ids.ID
	if len(p.b) < len(id) {
		p.bad = true
		return id
	}
	copy(id[:], p.b)
	p.b = p.b[len(id):]
	return id
}

func (p *place) rest() string {
	s := string(p.b)
	p.b = nil
	return s
}

// done reports an error where the cursor was not read exactly to its end.
func (p *place) done() error {
	if p.bad || len(p.b) != 0 {
		return errCursor()
	}
	return nil
}

func taskCursor(cursor string) (readmodel.TaskCursor, error) {
	var c readmodel.TaskCursor
	if cursor == "" {
		return c, nil
	}
	p, err := openPlace(cursorTasks, cursor)
	if err != nil {
		return c, err
	}
	c.Column, c.ID, c.Position = p.id(), p.id(), p.rest()
	return c, p.done()
}

func searchCursor(cursor string) (readmodel.SearchCursor, error) {
	var c readmodel.SearchCursor
	if cursor == "" {
		return c, nil
	}
	p, err := openPlace(cursorShelf, cursor)
	if err != nil {
		return c, err
	}
	c.Seq, c.ID = p.uint(), p.id()
	return c, p.done()
}

func commentCursor(cursor string) (readmodel.CommentCursor, error) {
	var c readmodel.CommentCursor
	if cursor == "" {
		return c, nil
	}
	p, err := openPlace(cursorComments, cursor)
	if err != nil {
		return c, err
	}
	c.At, c.ID = int64(p.uint()), p.id() // #nosec G115 -- milliseconds, as written by nextComments
	return c, p.done()
}

func historyCursor(cursor string) (before uint64, err error) {
	if cursor == "" {
		return 0, nil
	}
	p, err := openPlace(cursorHistory, cursor)
	if err != nil {
		return 0, err
	}
	before = p.uint()
	return before, p.done()
}

func nextTasks(c *readmodel.TaskCursor) string {
	if c == nil {
		return ""
	}
	return startPlace(cursorTasks).putID(c.Column).putID(c.ID).putString(c.Position).String()
}

func nextSearch(c *readmodel.SearchCursor) string {
	if c == nil {
		return ""
	}
	return startPlace(cursorShelf).putUint(c.Seq).putID(c.ID).String()
}

func nextComments(c *readmodel.CommentCursor) string {
	if c == nil {
		return ""
	}
	return startPlace(cursorComments).putUint(uint64(c.At)).putID(c.ID).String() // #nosec G115 -- milliseconds since 1970
}
