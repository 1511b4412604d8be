package trello

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/domain/position"
	"headway/internal/task/event"
	"headway/internal/task/importer"
)

// FuzzTrello holds that no file makes the importer panic, that a file it
// refuses makes nothing, and that what an accepted one makes is valid, unique
// and as many as its report says.
func FuzzTrello(f *testing.F) {
	for _, pattern := range []string{"testdata/*.json", "../../../../../shared/data/trello/trello2beads*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name) // #nosec G304 -- a test's own glob
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, s := range []string{`{"lists":[],"cards":[]}`, `[{"idList":1}]`, small, "\xff\xfe{\x00}\x00", `{"board":{"lists":[{}]},"cards":[{},{}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := open(t, "fuzz.json", data)
		if err != nil {
			return
		}
		check(t, b)
	})
}

func accept(t *testing.T, c importer.Creation, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("a %s that the commands refuse: %v", c.Kind, err)
	}
}

// check holds that a board makes only what the command side takes.
func check(t *testing.T, b importer.Board) {
	t.Helper()
	made := map[ids.ID]bool{}
	counts := map[importer.Kind]int{}
	err := b.Walk(context.Background(), importer.Cursor{}, func(c importer.Creation, _ importer.Cursor) error {
		if c.ID.IsZero() || made[c.ID] {
			t.Errorf("%s %s is made twice", c.Kind, c.ID)
		}
		made[c.ID] = true
		if !c.Part {
			counts[c.Kind]++
		}
		switch d := c.Data.(type) {
		case *event.MemberData:
			accept(t, c, func() error { _, err := domain.CheckName("name", d.Name); return err }())
		case *event.LabelData:
			accept(t, c, func() error { _, err := domain.CheckLabel("label", *d, true); return err }())
		case *event.ProjectData:
			project := *d
			accept(t, c, domain.CheckNewProject("project", &project, domain.MaxImportedColumns))
		case *event.ColumnData:
			accept(t, c, func() error { _, err := domain.CheckColumn("column", d.Column); return err }())
		case *event.TaskData:
			draft := *d
			accept(t, c, domain.CheckNewTask("task", &draft))
			if !made[d.Column] || !made[d.Project] || !position.Valid(d.Position) || d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle {
				t.Errorf("a task of %+v", d)
			}
			for _, id := range append(d.Labels, d.Assignees...) {
				if !made[id] {
					t.Errorf("a task names %s, which nothing made", id)
				}
			}
		case *event.CommentData:
			accept(t, c, func() error { _, err := domain.CheckComment("comment", d.Comment.Text); return err }())
			if !made[c.Task] || !made[d.Comment.Author] || len(bytes.TrimSpace([]byte(d.Comment.Text))) == 0 {
				t.Errorf("a comment of %+v", d)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rep := b.Report()
	for kind, row := range map[importer.Kind]string{importer.KindTask: "cards", importer.KindComment: "comments", importer.KindLabel: "labels", importer.KindMember: "members"} {
		if counts[kind] != rep.RowOf(row).Comes {
			t.Errorf("%d %s are made, the report says %d", counts[kind], row, rep.RowOf(row).Comes)
		}
	}
	for i := range rep.Rows {
		if rep.Rows[i].Comes > rep.Rows[i].InFile {
			t.Errorf("more comes over than is in the file: %+v", rep.Rows[i])
		}
	}
}
