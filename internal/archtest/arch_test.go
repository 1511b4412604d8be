package archtest_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"headway/internal/archtest"
)

// load lists the module's packages with what they import, tests left out.
func load(t *testing.T) []archtest.Package {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "headway/...")
	cmd.Dir, cmd.Stderr = "../..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []archtest.Package
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, archtest.Package{Path: p.ImportPath, Imports: p.Imports})
	}
}

func TestNobodyImportsWhatTheyMustNotKnow(t *testing.T) {
	all := load(t)
	if len(all) < 20 {
		t.Fatalf("only %d packages were found", len(all))
	}
	for _, broken := range archtest.Check(all) {
		t.Error(broken)
	}
}

func TestPlantedViolationsAreFound(t *testing.T) {
	in := func(p string) string { return "headway/internal/" + p }
	for _, c := range []struct{ from, to string }{
		{"platform/live", "task/event"},
		{"task/command", "auth/store"},
		{"auth/api", "task/query"},
		{"task/domain", "task/readmodel"},
		{"task/event", "task/state"},
		{"task/event", "platform/eventlog"},
		{"task/query", "task/command"},
		{"task/api", "task/readmodel/sqlite"},
		{"task/command", "platform/sqlitedb"},
		{"task/query", "platform/redisdb"},
		{"auth/command", "platform/limit/redis"},
		{"task/query", "platform/mongodb"},
		{"auth/command", "platform/eventlog/mongo"},
		{"task/readmodel/sqlite", "task/api"},
		{"task/projection", "task/command"},
		{"platform/server", "app"},
		{"task/importer", "auth"},
		{"apperr", "platform/ids"},
	} {
		if got := archtest.Check([]archtest.Package{{Path: in(c.from), Imports: []string{in(c.to)}}}); len(got) != 1 {
			t.Errorf("%s may import %s", c.from, c.to)
		}
	}
	for _, c := range []struct{ from, to string }{
		{"notification/projection", "task/event"},
		{"task/readmodel/sqlite", "platform/sqlitedb"},
		{"auth/store/redis", "platform/redisdb"},
		{"task/readmodel/mongo", "platform/eventlog/mongo"},
		{"task/readmodel/sqlite", "task/projection"},
		{"task/api", "task/command"},
		{"app", "task/readmodel/sqlite"},
		{"task", "task/api"},
	} {
		if got := archtest.Check([]archtest.Package{{Path: in(c.from), Imports: []string{in(c.to)}}}); len(got) != 0 {
			t.Error(got)
		}
	}
}

var (
	badName    = regexp.MustCompile(`(^|/)(util|utils|common|helper|helpers|model|models|types)$`)
	initFunc   = regexp.MustCompile(`(?m)^func init\(\)`)
	direct     = regexp.MustCompile(`\bhuma\.(Register|Get|Post|Put|Patch|Delete)\(`)
	generated  = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	maxLines   = 500
	sourceDirs = []string{"cmd", "internal", "web", "test"}
)

// TestHabits holds the tree to what a reviewer would say each time.
func TestHabits(t *testing.T) {
	for _, dir := range sourceDirs {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, entry os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if entry.Name() == "node_modules" || entry.Name() == "testdata" {
					return filepath.SkipDir
				}
				if badName.MatchString(filepath.ToSlash(path)) && dir != "web" {
					t.Errorf("%s: the name says nothing about what is in it", path)
				}
				return nil
			}
			if !strings.HasSuffix(path, ".go") {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil || generated.Match(source) {
				return err
			}
			if n := strings.Count(string(source), "\n"); n > maxLines {
				t.Errorf("%s has %d lines; it is asking for its second room", path, n)
			}
			if initFunc.Match(source) {
				t.Errorf("%s has an init function; say in main what happens when", path)
			}
			if direct.Match(source) && !strings.Contains(path, "platform/rest/") && !strings.HasSuffix(path, "arch_test.go") {
				t.Errorf("%s registers an operation with huma itself; use rest.Register, which refuses nulls", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
