//go:build servers

package schedule_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// logged is an event as the history shows it.
type logged struct {
	event
	Data json.RawMessage `json:"data"`
}

// throughput is what was done, as analytics counts it and as the log says it.
type throughput struct{ Created, Completed, Reopened int }

// counted holds what analytics counted, at each of its processes, against the
// log and against the boards. It answers how long that took to be right.
func (l *load) counted(ctx context.Context, events []logged) (took time.Duration) {
	var want throughput
	for _, e := range events {
		var change struct{ Completed struct{ From, To *string } }
		switch {
		case e.Type == "task.created":
			want.Created++
		case !strings.HasPrefix(e.Type, "task."):
		case json.Unmarshal(e.Data, &change) != nil:
			l.note("the log's event %d has the payload %.300s", e.Seq, e.Data)
		case change.Completed.To == nil && change.Completed.From != nil:
			want.Reopened++
		case change.Completed.To != nil && change.Completed.From == nil:
			want.Completed++
		}
	}
	for at, door := range l.inboxes {
		took += l.until(ctx, func() string {
			if wrong := l.counts(ctx, at, want); wrong != "" {
				return "at " + door + " " + wrong
			}
			return ""
		})
	}
	return took
}

// counts asks analytics at one of its doors, and answers what is wrong.
func (l *load) counts(ctx context.Context, at int, want throughput) string {
	inW := "/workspaces/" + l.workspace
	// Days on both sides, for clocks that are off.
	today := time.Now().UTC()
	days := "from=" + today.AddDate(0, 0, -2).Format(time.DateOnly) + "&to=" + today.AddDate(0, 0, 2).Format(time.DateOnly)
	var done struct {
		Series []struct{ Created, Completed, Reopened []int }
	}
	if wrong := l.get(ctx, 0, l.inboxes, at, inW+"/analytics/throughput?"+days, &done); wrong != "" {
		return wrong
	}
	var got throughput
	for _, s := range done.Series {
		for i := range s.Created {
			got.Created += s.Created[i]
			got.Completed += s.Completed[i]
			got.Reopened += s.Reopened[i]
		}
	}
	if got != want {
		return fmt.Sprintf("analytics counted %+v, where the log has %+v", got, want)
	}
	var boards struct{ Columns map[string]int }
	if wrong := l.get(ctx, 0, l.doors, 1, inW+"/projects/"+l.project+"/counts", &boards); wrong != "" {
		return wrong
	}
	var flow struct {
		Series []struct {
			Column string
			Tasks  []int
		}
	}
	if wrong := l.get(ctx, 0, l.inboxes, at, inW+"/analytics/flow?project="+l.project+"&"+days, &flow); wrong != "" {
		return wrong
	}
	held := map[string]int{}
	for _, s := range flow.Series {
		if n := s.Tasks[len(s.Tasks)-1]; n != 0 {
			held[s.Column] = n
		}
	}
	maps.DeleteFunc(boards.Columns, func(_ string, n int) bool { return n == 0 })
	if !maps.Equal(held, boards.Columns) {
		return fmt.Sprintf("analytics counted %v in the columns, which hold %v", held, boards.Columns)
	}
	return ""
}

// get has a person ask for something at a door, and answers what went wrong.
func (l *load) get(ctx context.Context, who int, doors []string, at int, path string, into any) string {
	c := l.client(-1, who, at, true)
	c.doors = doors
	defer c.http.CloseIdleConnections()
	if a := c.ask(ctx, http.MethodGet, path, nil); a.err != nil || a.status != http.StatusOK || json.Unmarshal(a.body, into) != nil {
		return fmt.Sprintf("%s answered %d %.300s %v", path, a.status, a.body, a.err)
	}
	return ""
}
