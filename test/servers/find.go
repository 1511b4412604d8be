package servers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tool answers the path of a program that make servers builds into .tools, or
// that is installed. Without one the test fails.
func tool(t T, name string) string {
	t.Helper()
	path := filepath.Join(root(t), ".tools", name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	return program(t, name)
}

// program answers the path of a program that is installed, in PATH or in one
// of the folders (patterns; of several matches the last). Without one the test fails.
func program(t T, name string, folders ...string) string {
	t.Helper()
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(folder, name))
		if err == nil && len(found) > 0 {
			return found[len(found)-1]
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not here: run make servers, which installs it or says how", name)
	}
	return path
}

// root answers the folder of the module, which the test runs in or below.
func root(t T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(data), "module headway\n") {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("this test does not run in the module's tree")
		}
		folder = above
	}
}
