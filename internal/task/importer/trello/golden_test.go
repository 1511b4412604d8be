package trello

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"headway/internal/task/importer"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds the report and everything that a board makes against what
// was looked at by hand.
func TestGolden(t *testing.T) {
	for _, name := range []string{"traps", "old", "api"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			b, err := open(t, name+".json", data)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			rep := b.Report()
			if err := rep.WriteText(&got); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".report.txt", got.Bytes())
			got.Reset()
			for _, c := range walk(t, b, importer.Cursor{}) {
				line, err := json.Marshal(c)
				if err != nil {
					t.Fatal(err)
				}
				got.Write(append(line, '\n'))
			}
			golden(t, name+".made.jsonl", got.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) // #nosec G304 -- a test's own file
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what it was (run with -update and look at the difference):\n%s", name, got)
	}
}

// walk gathers what the board makes from a cursor on.
func walk(t testing.TB, b importer.Board, from importer.Cursor) []importer.Creation {
	t.Helper()
	var all []importer.Creation
	err := b.Walk(context.Background(), from, func(c importer.Creation, _ importer.Cursor) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWalkResumes breaks a walk off after every creation and goes on from the cursor there.
func TestWalkResumes(t *testing.T) {
	data, err := os.ReadFile("testdata/traps.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := open(t, "traps.json", data)
	if err != nil {
		t.Fatal(err)
	}
	all := walk(t, b, importer.Cursor{})
	i := 0
	err = b.Walk(context.Background(), importer.Cursor{}, func(_ importer.Creation, at importer.Cursor) error {
		i++
		rest := walk(t, b, at)
		if len(rest) != len(all)-i || len(rest) > 0 && rest[0].ID != all[i].ID {
			t.Errorf("after %d of %d creations (%+v), %d follow", i, len(all), at, len(rest))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
