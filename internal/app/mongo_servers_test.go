//go:build servers

package app

import (
	"net/http"
	"strings"
	"testing"

	"headway/test/servers"
)

// TestTwoProcessesShareMongoDB: what is done at one process shows at the
// other, who is signed in at one is so at the other, and a rebuild beside them
// finds the rows to be what the log says.
func TestTwoProcessesShareMongoDB(t *testing.T) {
	url := servers.FerretDB(t, servers.OnPostgres).Database(t)
	one, two := newProcess(t, t.TempDir(), "--store-url", url), newProcess(t, t.TempDir(), "--store-url", url)
	create, list, project := one.begin()
	two.token = one.token
	for i, p := range []*process{one, two, one, two} {
		body := `{"id":"0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4` + string(rune('0'+i)) + `","project":"` + project + `","title":"task"}`
		for range 2 { // again, it is the same
			if status, answer := p.do(http.MethodPost, create, body); status/100 != 2 {
				t.Fatalf("create: %d %s", status, answer)
			}
		}
	}
	for _, p := range []*process{one, two} {
		status, answer := p.do(http.MethodGet, list, "")
		if n := strings.Count(string(answer), `"title":"task"`); status != http.StatusOK || n != 4 {
			t.Errorf("the list is %d with %d tasks: %s", status, n, answer)
		}
		if status, parts := p.ready(); status != http.StatusOK {
			t.Errorf("ready is %d, %v", status, parts)
		}
		if mended, err := p.platform.sweeps(t.Context()); mended != 0 || err != nil {
			t.Errorf("the sweep mended %d, %v", mended, err)
		}
		if status, metrics := p.do(http.MethodGet, "/metrics", ""); status != http.StatusOK || !strings.Contains(string(metrics), "headway_store_commands_total") {
			t.Errorf("metrics are %d", status)
		}
	}
	p, stdout, _ := program("rebuild")
	if err := rebuild(t.Context(), p, []string{"--data", t.TempDir(), "--store-url", url, "--verify"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stdout.String(), "1 workspaces compared") {
		t.Errorf("the rebuild says %q", stdout)
	}
	if status, answer := two.do(http.MethodGet, list, ""); status != http.StatusOK || strings.Count(string(answer), `"title":"task"`) != 4 {
		t.Errorf("after it the list is %d: %s", status, answer)
	}
}
