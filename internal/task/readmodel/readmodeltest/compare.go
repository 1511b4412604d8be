package readmodeltest

import (
	"context"
	"encoding/json"
	"reflect"

	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

// equal compares answers by their JSON, in which nil and empty lists of a
// frame and times of the same moment are one.
func equal(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func printable(v any) string {
	if rows, ok := v.([]string); ok {
		b, err := json.MarshalIndent(rows, "", " ")
		if err == nil {
			return string(b)
		}
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func texts(rows [][]byte) []string {
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		out = append(out, string(r))
	}
	return out
}

// line is a row with its JSON legible.
type line struct {
	readmodel.Row
	Text string
}

func legible(rows []readmodel.Row) []line {
	var out []line
	for _, r := range sorted(rows) {
		l := line{Row: r, Text: string(r.JSON)}
		l.JSON = nil
		out = append(out, l)
	}
	return out
}

func (w *walk) allTasks(s Store, q readmodel.TaskQuery) ([]string, error) {
	var out []string
	for {
		page, err := s.Tasks(context.Background(), w.workspace, q)
		if err != nil {
			return nil, err
		}
		out = append(out, texts(page.Rows)...)
		if page.Next == nil {
			return out, nil
		}
		q.After = *page.Next
	}
}

func (w *walk) allComments(s Store, task ids.ID) ([]string, error) {
	var out []string
	var at readmodel.CommentCursor
	for {
		rows, next, err := s.Comments(context.Background(), w.workspace, task, at, 2)
		if err != nil {
			return nil, err
		}
		out = append(out, texts(rows)...)
		if next == nil {
			return out, nil
		}
		at = *next
	}
}

func (w *walk) allProjectRows(s Store, project ids.ID) ([]line, error) {
	var out []readmodel.Row
	var at ids.ID
	for {
		rows, next, err := s.ProjectRows(context.Background(), w.workspace, project, at, 3)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if next.IsZero() {
			return legible(out), nil
		}
		at = next
	}
}

// allChanges pages through a delta. Where a page ends is the store's to say,
// within its limit, so only the whole is compared.
func (w *walk) allChanges(s Store, since uint64, access readmodel.Access, limit int) ([]line, error) {
	head, err := s.Seq(context.Background(), w.workspace)
	if err != nil {
		return nil, err
	}
	var out []readmodel.Row
	for since < head {
		rows, reaches, err := s.Changes(context.Background(), w.workspace, since, head, access, limit)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Seq <= since || r.Seq > reaches {
				return nil, errOutOfPage
			}
		}
		if reaches <= since {
			return nil, errNoProgress
		}
		out, since = append(out, rows...), reaches
	}
	return legible(out), nil
}

func allNewest(page func(readmodel.SearchCursor) ([][]byte, *readmodel.SearchCursor, error)) ([]string, error) {
	var out []string
	var at readmodel.SearchCursor
	for {
		rows, next, err := page(at)
		if err != nil {
			return nil, err
		}
		out = append(out, texts(rows)...)
		if next == nil {
			return out, nil
		}
		at = *next
	}
}
