package api_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
)

// Pages that are made once are made in memory that serves the next page after
// them: many readers of pages of different sizes each get their own, whole.
func TestPagesOfManyReadersDoNotMix(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	for i := range 40 {
		w.task(w.open, fmt.Sprintf("Task %d", i))
	}
	var wg sync.WaitGroup
	for reader := range 8 {
		wg.Go(func() {
			for i := range 60 {
				limit := 1 + (reader*7+i*11)%39
				a := w.get(w.owner, w.in(fmt.Sprintf("/projects/%s/tasks?limit=%d", w.open, limit)))
				var page struct {
					Items []struct{ Title string }
					Next  *string
				}
				if err := json.Unmarshal(a.body, &page); err != nil {
					t.Errorf("%v: %s", err, a.body)
					return
				}
				if len(page.Items) != limit || page.Next == nil {
					t.Errorf("%d tasks of %d, next %v", len(page.Items), limit, page.Next)
				}
				for n, item := range page.Items {
					if want := fmt.Sprintf("Task %d", n); item.Title != want {
						t.Errorf("task %d is %q", n, item.Title)
					}
				}
				if i%20 == 0 && reader == 0 {
					w.task(w.open, "further")
				}
			}
		})
	}
	wg.Wait()
}
