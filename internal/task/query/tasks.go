package query

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"strconv"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/words"
)

// Task answers a task with its detail, or apperr.NotFound where the viewer
// may not see it.
func (s *Service) Task(ctx context.Context, v *Viewer, id ids.ID) (Answer, error) {
	row, err := s.taskRow(ctx, v, id)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Seq: row.Seq, Body: joinTask(row.Card, row.Detail)}, nil
}

// TaskAfter answers a task as a commit left it, from the commit itself where
// that holds the task's detail, without another read.
func (s *Service) TaskAfter(ctx context.Context, v *Viewer, id ids.ID, commit *readmodel.Commit) (Answer, error) {
	for i := range commit.Rows {
		r := &commit.Rows[i]
		if r.Kind != readmodel.KindTask || r.ID != id || r.Removed || !v.SeesRow(r) {
			continue
		}
		detail := r.Detail
		if detail == nil && isBare(r.JSON) {
			detail = []byte(readmodel.EmptyDetail)
		}
		if detail != nil {
			return Answer{Seq: r.Seq, Body: joinTask(r.JSON, detail)}, nil
		}
	}
	return s.Task(ctx, v, id)
}

// isBare reports whether a card says that its task's detail is empty. Quotes
// inside of strings are escaped, so these can stand for nothing else.
func isBare(card []byte) bool {
	for _, empty := range [...]string{`,"itemsTotal":0,`, `,"attachments":0,`, `,"hasDescription":false,`} {
		if !bytes.Contains(card, []byte(empty)) {
			return false
		}
	}
	return true
}

// taskRow reads a task's row through the access filter.
func (s *Service) taskRow(ctx context.Context, v *Viewer, id ids.ID) (readmodel.TaskRow, error) {
	row, err := s.reader.Task(ctx, v.Workspace, id)
	if err != nil {
		if apperr.Is(err, apperr.NotFound) {
			return row, errNoTask()
		}
		return row, err
	}
	if !v.Access.Allows(row.Project) {
		return row, errNoTask()
	}
	return row, nil
}

// joinTask joins a task's card and detail into one JSON object.
func joinTask(card, detail []byte) []byte {
	return readmodel.JoinTask(make([]byte, 0, len(card)+len(detail)+2), card, detail)
}

// TaskList asks for a page of a project's tasks in board order.
type TaskList struct {
	Project ids.ID
	Column  ids.ID
	State   event.Lifecycle
	Cursor  string
	Limit   int
}

// ProjectSeq answers the seq that names every answer about the project's tasks.
func (s *Service) ProjectSeq(ctx context.Context, v *Viewer, project ids.ID) (uint64, error) {
	if _, err := v.Project(project); err != nil {
		return 0, err
	}
	return s.reader.ProjectSeq(ctx, v.Workspace, project)
}

// Tasks answers a page of a project as of at least seq, which ProjectSeq
// answered before. Whoever may see the project sees the same page, so it is
// kept for all of them alike. Call the answer's Done once it is sent.
func (s *Service) Tasks(ctx context.Context, v *Viewer, q TaskList, seq uint64) (Answer, error) {
	if _, err := v.Project(q.Project); err != nil {
		return Answer{}, err
	}
	key := s.tasksKey(v.Workspace, &q, seq)
	if body, ok := s.kept(ctx, key); ok {
		return Answer{Seq: seq, Body: body}, nil
	}
	after, err := taskCursor(q.Cursor)
	if err != nil {
		return Answer{}, err
	}
	page, err := s.reader.Tasks(ctx, v.Workspace, readmodel.TaskQuery{
		Project: q.Project, Column: q.Column, State: q.State, After: after, Limit: q.Limit,
	})
	if err != nil {
		return Answer{}, err
	}
	next := nextTasks(page.Next)
	size := pageSize(page.Rows, next)
	if key != nil && s.asked.before(key) {
		body := appendPage(make([]byte, 0, size), page.Rows, next, seq)
		s.keep(ctx, key, body)
		return Answer{Seq: seq, Body: body}, nil
	}
	a := lend(seq, size)
	a.Body = appendPage(a.Body, page.Rows, next, seq)
	return a, nil
}

func (s *Service) tasksKey(workspace ids.ID, q *TaskList, seq uint64) []byte {
	if s.pages == nil {
		return nil
	}
	b := make([]byte, 0, 160)
	b = append(b, 't')
	b = append(b, workspace[:]...)
	b = append(b, q.Project[:]...)
	b = append(b, q.Column[:]...)
	b = binary.AppendUvarint(b, seq)
	b = binary.AppendUvarint(b, uint64(q.Limit)) // #nosec G115 -- 1 to 200
	b = append(b, q.State...)
	b = append(b, 0)
	b = append(b, q.Cursor...)
	return b
}

func (s *Service) kept(ctx context.Context, key []byte) ([]byte, bool) {
	if s.pages == nil {
		return nil, false
	}
	return s.pages.Get(ctx, key)
}

func (s *Service) keep(ctx context.Context, key, body []byte) {
	if s.pages != nil {
		s.pages.Set(ctx, key, body, pageAge)
	}
}

// Seq answers the workspace's seq, which names every answer wider than a project.
func (s *Service) Seq(ctx context.Context, v *Viewer) (uint64, error) {
	return s.reader.Seq(ctx, v.Workspace)
}

// Shelf answers a page of the archive or the trash of the whole workspace, newest change first.
func (s *Service) Shelf(ctx context.Context, v *Viewer, st event.Lifecycle, cursor string, limit int) (Answer, error) {
	after, err := searchCursor(cursor)
	if err != nil {
		return Answer{}, err
	}
	seq, err := s.Seq(ctx, v)
	if err != nil {
		return Answer{}, err
	}
	rows, next, err := s.reader.Shelf(ctx, v.Workspace, st, v.Access, after, limit)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Seq: seq, Body: joinPage(rows, nextSearch(next), seq)}, nil
}

// Search answers a page of the live tasks whose title, description or comments
// hold a word that starts with each word of the text, newest change first.
func (s *Service) Search(ctx context.Context, v *Viewer, text, cursor string, limit int) (Answer, error) {
	after, err := searchCursor(cursor)
	if err != nil {
		return Answer{}, err
	}
	seq, err := s.Seq(ctx, v)
	if err != nil {
		return Answer{}, err
	}
	folded := words.Query(text)
	if len(folded) == 0 { // nothing but signs and spaces finds nothing
		return Answer{Seq: seq, Body: joinPage(nil, "", seq)}, nil
	}
	rows, next, err := s.reader.Search(ctx, v.Workspace, folded, v.Access, after, limit)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Seq: seq, Body: joinPage(rows, nextSearch(next), seq)}, nil
}

// Counts answers how many live tasks each column of a project holds.
func (s *Service) Counts(ctx context.Context, v *Viewer, project ids.ID, seq uint64) (Answer, error) {
	p, err := v.Project(project)
	if err != nil {
		return Answer{}, err
	}
	counts, err := s.reader.Counts(ctx, v.Workspace, project)
	if err != nil {
		return Answer{}, err
	}
	columns := make([]ids.ID, 0, len(p.Columns))
	for _, c := range p.Columns {
		columns = append(columns, c.ID)
	}
	for id := range counts {
		if !slices.Contains(columns, id) {
			columns = append(columns, id)
		}
	}
	slices.SortFunc(columns, compareIDs)
	b := make([]byte, 0, 32+len(columns)*48)
	b = append(b, `{"columns":{`...)
	for i, id := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = id.AppendTo(b)
		b = append(b, `":`...)
		b = strconv.AppendInt(b, int64(counts[id]), 10)
	}
	b = append(b, `},"seq":`...)
	b = strconv.AppendUint(b, seq, 10)
	b = append(b, '}')
	return Answer{Seq: seq, Body: b}, nil
}

// Comments answers a page of a task's comments, oldest first. The answer is
// named by the task's seq, which moves with each comment.
func (s *Service) Comments(ctx context.Context, v *Viewer, task ids.ID, cursor string, limit int) (Answer, error) {
	row, err := s.taskRow(ctx, v, task)
	if err != nil {
		return Answer{}, err
	}
	after, err := commentCursor(cursor)
	if err != nil {
		return Answer{}, err
	}
	rows, next, err := s.reader.Comments(ctx, v.Workspace, task, after, limit)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Seq: row.Seq, Body: joinPage(rows, nextComments(next), row.Seq)}, nil
}

// joinPage joins encoded rows into a page: {"items":[…],"next":…,"seq":N}.
func joinPage(rows [][]byte, next string, seq uint64) []byte {
	return appendPage(make([]byte, 0, pageSize(rows, next)), rows, next, seq)
}

// pageSize is room enough for a page.
func pageSize(rows [][]byte, next string) int {
	size := len(next) + 48
	for _, r := range rows {
		size += len(r) + 1
	}
	return size
}

func appendPage(b []byte, rows [][]byte, next string, seq uint64) []byte {
	b = append(b, `{"items":[`...)
	b = appendRows(b, rows)
	b = append(b, `],"next":`...)
	b = appendNext(b, next)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, seq, 10)
	return append(b, '}')
}

func appendRows(b []byte, rows [][]byte) []byte {
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, r...)
	}
	return b
}

// appendNext appends a cursor, which is base64url and needs no escaping, or null.
func appendNext(b []byte, next string) []byte {
	if next == "" {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = append(b, next...)
	return append(b, '"')
}
