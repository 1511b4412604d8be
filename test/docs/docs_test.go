// Package docs_test holds what the documentation names against the tree: each
// path, each link and each make target exists, so the pages cannot go stale unseen.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// made are the folders that a fresh clone does not have: a build or a run fills them.
var made = []string{"bin", "data", "dist", ".tools", "web/dist", "web/node_modules", "test/e2e/output", "test/e2e/node_modules"}

// pages answers the Markdown files of the project, relative to the root.
func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == ".git" || slices.Contains(made, rel)) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(rel, ".md") {
			out = append(out, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"README.md", "docs/ARCHITECTURE.md", "docs/glossary.md", "docs/adr/README.md"} {
		if !slices.Contains(out, want) {
			t.Fatalf("there is no %s", want)
		}
	}
	return out
}

func read(t *testing.T, page string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// exists reports whether the path is in the tree, or is one that a build makes.
// The last part may be a pattern.
func exists(path string) bool {
	path = filepath.Clean(path)
	for _, folder := range made {
		if path == folder || strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	found, err := filepath.Glob(filepath.Join(root, path))
	return err == nil && len(found) > 0
}

// expand writes out the first {a,b} of a path, and the rest of them in turn.
func expand(path string) []string {
	before, rest, ok := strings.Cut(path, "{")
	if !ok {
		return []string{path}
	}
	inside, after, ok := strings.Cut(rest, "}")
	if !ok {
		return []string{path}
	}
	var out []string
	for _, choice := range strings.Split(inside, ",") {
		out = append(out, expand(before+strings.TrimSpace(choice)+after)...)
	}
	return out
}

var (
	code   = regexp.MustCompile("`([^`\n]+)`")
	fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	target = regexp.MustCompile(`\bmake ([a-z][a-z0-9-]*)`)
)

// tops answers what stands at the root: a name in code that starts with one of these is a path.
func tops(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{"cmd", "internal", "web", "api", "deploy", "docs", "test", "scripts"}
	for _, entry := range entries {
		out = append(out, entry.Name())
	}
	return out
}

func TestPathsInCodeExist(t *testing.T) {
	t.Parallel()
	tops := tops(t)
	for _, page := range pages(t) {
		text := fenced.ReplaceAllString(read(t, page), "")
		for _, match := range code.FindAllStringSubmatch(text, -1) {
			path := match[1]
			if strings.ContainsAny(path, " ()=:…<>") {
				continue
			}
			path = strings.TrimPrefix(path, "./")
			first, _, slash := strings.Cut(path, "/")
			if !slash && !strings.Contains(path, ".") || !slices.Contains(tops, first) {
				continue
			}
			for _, one := range expand(path) {
				if !exists(one) {
					t.Errorf("%s names `%s`, which does not exist", page, one)
				}
			}
		}
	}
}

func TestLinksExist(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		text := fenced.ReplaceAllString(read(t, page), "")
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			to, _, _ := strings.Cut(match[1], "#")
			if to == "" || strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			if !exists(filepath.Join(filepath.Dir(page), to)) {
				t.Errorf("%s links to %s, which does not exist", page, to)
			}
		}
	}
}

// trees answers the paths of each page's blocks fenced as "tree": paths by
// indentation, two spaces a level, each followed by at least two spaces and
// what it is for.
func trees(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, page := range pages(t) {
		for _, block := range fenced.FindAllStringSubmatch(read(t, page), -1) {
			if block[1] != "tree" {
				continue
			}
			var above []string
			for line := range strings.Lines(block[2]) {
				trimmed := strings.TrimLeft(line, " ")
				depth := (len(line) - len(trimmed)) / 2
				name, _, _ := strings.Cut(strings.TrimRight(trimmed, "\n"), "  ")
				if name == "" || depth > len(above) {
					continue // a comment that goes on
				}
				above = append(above[:depth], strings.TrimSuffix(name, "/"))
				out[page] = append(out[page], expand(strings.Join(above, "/"))...)
			}
		}
	}
	return out
}

func TestTreesAreTheTree(t *testing.T) {
	t.Parallel()
	for page, paths := range trees(t) {
		for _, path := range paths {
			if !exists(path) {
				t.Errorf("%s: the tree names %s, which does not exist", page, path)
			}
		}
	}
}

func TestMakeTargetsExist(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	for _, page := range pages(t) {
		for _, match := range code.FindAllStringSubmatch(read(t, page), -1) {
			for _, name := range target.FindAllStringSubmatch(match[1], -1) {
				if !strings.Contains(makefile, "\n"+name[1]+":") {
					t.Errorf("%s names `make %s`, which the Makefile does not have", page, name[1])
				}
			}
		}
	}
}

// Each package of the project is in the tree of ARCHITECTURE.md, by itself or by the folder above it.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	t.Parallel()
	groups := []string{"internal", "internal/platform", "internal/task"}
	named := trees(t)["docs/ARCHITECTURE.md"]
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || entry.Name() == "testdata" {
			return err
		}
		sources, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil || len(sources) == 0 {
			return err
		}
		folder, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if slices.Contains(named, folder) {
			return nil
		}
		for above := filepath.Dir(folder); !slices.Contains(groups, above); above = filepath.Dir(above) {
			if slices.Contains(named, above) {
				return nil
			}
		}
		t.Errorf("docs/ARCHITECTURE.md does not name the package %s", folder)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
