package trello

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"headway/internal/platform/ids"
	"headway/internal/task/importer"
)

var testWorkspace = ids.MustParse("0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")

// open stages and opens an export held in memory.
func open(t testing.TB, name string, file []byte) (importer.Board, error) {
	t.Helper()
	var staged bytes.Buffer
	st, err := importer.Stage(context.Background(), &staged, bytes.NewReader(file), 1<<30)
	if err != nil {
		return nil, err
	}
	return Format{}.Open(context.Background(), importer.Source{
		R: bytes.NewReader(staged.Bytes()), Size: st.Size, Name: name, Workspace: testWorkspace,
	}, ignore)
}

// TestRealExports opens the exports of the shared folder where it is there: each must come over whole.
func TestRealExports(t *testing.T) {
	files, err := filepath.Glob("../../../../../shared/data/trello/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f) // #nosec G304 -- a test's own glob
			if err != nil {
				t.Fatal(err)
			}
			b, err := open(t, f, data)
			if err != nil {
				t.Fatal(err)
			}
			rep := b.Report()
			if row := rep.RowOf("cards"); row.Comes != row.InFile {
				t.Errorf("%d of %d cards come over", row.Comes, row.InFile)
			}
			var text bytes.Buffer
			if err := rep.WriteText(&text); err != nil {
				t.Fatal(err)
			}
			t.Log("\n" + text.String())
		})
	}
}

func ignore(importer.Creation) error { return nil }
