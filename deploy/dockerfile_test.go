// Package deploy_test holds the files of deploy against the rest of the tree.
package deploy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// instructions answers the Dockerfile's instructions in order, comments and blank lines left out.
func instructions(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// No container engine runs where the tests do, so every build step is a make
// target, which `make image` runs outside of one.
func TestDockerfileBuildsWithMakeTargetsOnly(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for _, line := range instructions(t) {
		step, ok := strings.CutPrefix(line, "RUN ")
		if !ok {
			continue
		}
		steps++
		target, ok := strings.CutPrefix(step, "make ")
		if !ok || strings.ContainsAny(target, " &;|$") {
			t.Errorf("RUN %s: want exactly one make target", step)
			continue
		}
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(makefile) {
			t.Errorf("RUN make %s: the Makefile has no such target", target)
		}
	}
	if steps == 0 {
		t.Error("the Dockerfile has no RUN")
	}
}

func TestDockerfileCopiesWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, line := range instructions(t) {
		args, ok := strings.CutPrefix(line, "COPY ")
		if !ok || strings.HasPrefix(args, "--from") {
			continue
		}
		sources := strings.Fields(args)
		for _, source := range sources[:len(sources)-1] {
			if _, err := os.Stat("../" + source); err != nil {
				t.Errorf("COPY %s: %v", source, err)
			}
		}
	}
}

func TestDockerfileImageRunsWithoutRights(t *testing.T) {
	t.Parallel()
	tagged := regexp.MustCompile(`^FROM \S+:[^\s:]+( AS \w+)?$`)
	var last []string
	for _, line := range instructions(t) {
		if strings.HasPrefix(line, "FROM ") {
			if !tagged.MatchString(line) || strings.Contains(line, ":latest") {
				t.Errorf("%s: want an image with a version", line)
			}
			last = nil
		}
		last = append(last, line)
	}
	image := strings.Join(last, "\n")
	for _, want := range []string{
		"\nUSER 65532:65532\n",
		"\nHEALTHCHECK ",
		`CMD ["/usr/bin/headway", "health"]`,
		`ENTRYPOINT ["/usr/bin/headway"]`,
	} {
		if !strings.Contains(image+"\n", want) {
			t.Errorf("the last stage lacks %q", strings.TrimSpace(want))
		}
	}
	if strings.Contains(image, "\nRUN ") {
		t.Error("the last stage has no shell to RUN with")
	}
}

// The builder is the Go that go.mod names, so that local and image builds agree.
func TestDockerfileGoIsTheModules(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(mod)
	if version == nil {
		t.Fatal("go.mod names no Go version")
	}
	want := "FROM golang:" + string(version[1]) + "-"
	for _, line := range instructions(t) {
		if strings.HasPrefix(line, want) {
			return
		}
	}
	t.Errorf("no stage starts %s…", want)
}
