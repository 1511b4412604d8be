package query

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
)

func TestCursorsComeBack(t *testing.T) {
	t.Parallel()
	tasks := readmodel.TaskCursor{Column: ids.New(), Position: "a0V", ID: ids.New()}
	if got, err := taskCursor(nextTasks(&tasks)); err != nil || got != tasks {
		t.Errorf("tasks: %+v, %v", got, err)
	}
	search := readmodel.SearchCursor{Seq: 1 << 40, ID: ids.New()}
	if got, err := searchCursor(nextSearch(&search)); err != nil || got != search {
		t.Errorf("search: %+v, %v", got, err)
	}
	comments := readmodel.CommentCursor{At: 1_700_000_000_000, ID: ids.New()}
	if got, err := commentCursor(nextComments(&comments)); err != nil || got != comments {
		t.Errorf("comments: %+v, %v", got, err)
	}
	sync := syncPlace{base: 9, at: 7, after: ids.New(), fill: []ids.ID{ids.New(), ids.New()}}
	if got, err := openSync(SyncRequest{Since: 3, Cursor: sync.cursor()}); err != nil || !reflect.DeepEqual(got, sync) {
		t.Errorf("sync: %+v, %v", got, err)
	}
	if nextTasks(nil)+nextSearch(nil)+nextComments(nil) != "" {
		t.Error("the last page has a cursor")
	}
}

// FuzzCursors feeds text to every reader of cursors: each must answer a place
// or say that the cursor is wrong.
func FuzzCursors(f *testing.F) {
	for _, tag := range []byte{cursorTasks, cursorShelf, cursorComments, cursorHistory, cursorSync} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte{tag}))
		f.Add(base64.RawURLEncoding.EncodeToString(append([]byte{tag, 0xff, 0xff}, make([]byte, 40)...)))
	}
	f.Add(strings.Repeat("A", maxCursor+1))
	f.Add("not base64!")
	f.Fuzz(func(t *testing.T, text string) {
		check := func(err error) {
			t.Helper()
			if err != nil && !apperr.Is(err, apperr.Invalid) {
				t.Fatalf("%q: %v", text, err)
			}
		}
		_, err := taskCursor(text)
		check(err)
		_, err = searchCursor(text)
		check(err)
		_, err = commentCursor(text)
		check(err)
		_, err = historyCursor(text)
		check(err)
		_, err = openSync(SyncRequest{Cursor: text})
		check(err)
	})
}
