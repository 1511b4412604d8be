//go:build servers

package apart_test

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"headway/internal/app/config"
	"headway/test/cluster/apart"
	"headway/test/servers"
)

// away are the services that work does not need.
var away = []string{config.TargetNotification, config.TargetAnalytics}

// TestConsumersAway has the same work done in two installations. In one of
// them the processes of notification and analytics are away meanwhile, some
// killed and some ended in good order; tasks work all the same. Once they are
// back, inboxes, mails and figures are those of the other installation.
func TestConsumersAway(t *testing.T) {
	binary := build(t)
	backing := servers.Backing(t, servers.OnPostgres, false)
	never, taken := newSite(t, binary, backing), newSite(t, binary, backing)
	both := []*site{never, taken}

	for _, s := range both {
		s.begin()
		s.work("before")
	}
	for _, service := range away {
		taken.Processes(service)[0].Kill()
		taken.Processes(service)[1].Stop()
	}
	for _, path := range []string{"/api/v1/inbox", taken.workspace + "/analytics/summary"} {
		if status, _ := taken.do(taken.bo, http.MethodGet, path, ""); status != http.StatusServiceUnavailable {
			t.Errorf("%s of a service that is away is answered %d", path, status)
		}
	}
	for _, s := range both {
		s.work("meanwhile")
		s.work("still")
	}
	taken.Up(t)
	for _, s := range both {
		s.work("after")
	}

	// Four rounds of three tasks made, of which one is completed and one comes
	// back; Bo is assigned, mentioned, and hears of comments on what is his.
	want := figures{Created: 12, Completed: 8, Reopened: 4, Open: 8}
	settle(t, "what the installation that never stopped has", func() (any, bool) {
		is := never.figures()
		return is, is == want
	})
	inbox := never.inbox()
	settle(t, "the inbox of the installation that never stopped", func() (any, bool) {
		inbox = never.inbox()
		return inbox, len(inbox) == 12
	})
	settle(t, "the figures after the stop", func() (any, bool) {
		is := taken.figures()
		return is, is == want
	})
	settle(t, "the inbox after the stop", func() (any, bool) {
		is := taken.inbox()
		return is, slices.Equal(is, inbox)
	})
	for _, s := range both { // assigned and mentioned in each round, each once
		settle(t, "mails", func() (any, bool) {
			subjects := s.subjects()
			return subjects, len(subjects) >= 8
		})
	}
	if a, b := never.subjects(), taken.subjects(); !slices.Equal(a, b) {
		t.Errorf("mails differ:\n%q\n%q", a, b)
	}
	if a, b := never.throughput(), taken.throughput(); a != b {
		t.Errorf("throughput differs: %s, %s", a, b)
	}
}

// build builds the binary.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "headway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "headway/cmd/headway").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// newSite starts an installation with a mail server of its own.
func newSite(t *testing.T, binary string, backing *servers.BackingServices) *site {
	t.Helper()
	env, mails := backing.Installation(t), servers.Mailpit(t)
	env["HEADWAY_MAIL_URL"], env["HEADWAY_PUBLIC_URL"] = mails.URL(), "http://localhost"
	return &site{t: t, mails: mails, Installation: apart.Start(t, apart.Options{Binary: binary, Env: env})}
}

// settle waits until something is so, for two minutes at most.
func settle(t *testing.T, what string, is func() (any, bool)) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got, ok := is()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come about, but %+v", what, got)
		}
	}
}
