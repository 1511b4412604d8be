package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"headway/internal/app/config"
	"headway/internal/app/move"
	"headway/internal/platform/moving"
	"headway/internal/platform/sqlitedb"
)

// settingsFor are the settings of a process, as the command line gives them.
func settingsFor(t *testing.T, args ...string) config.Config {
	t.Helper()
	p, _, _ := program("serve")
	cfg, err := p.settings(p.flags("serve"), args, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// fill makes an account and a workspace with tasks in a store, and answers
// where its tasks are read and the token to do so.
func fill(t *testing.T, data, url string, tasks int) (list, token string) {
	t.Helper()
	p := newProcess(t, data, "--store-url", url)
	create, list, project := p.begin()
	for i := range tasks {
		status, answer := p.do(http.MethodPost, create, fmt.Sprintf(`{"project":%q,"title":"task %d","description":"word%d"}`, project, i, i))
		if status/100 != 2 {
			t.Fatalf("create: %d %s", status, answer)
		}
	}
	if status, answer := p.do(http.MethodPatch, "/api/v1/notification-preferences", `{"email":{"mentioned":false}}`); status != http.StatusOK {
		t.Fatalf("preferences: %d %s", status, answer)
	}
	if status, answer := p.do(http.MethodPut, "/api/v1/usage/choice", `{"record":false}`); status != http.StatusOK {
		t.Fatalf("choice: %d %s", status, answer)
	}
	token = p.token
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return list, token
}

// holds fails the test where a store does not answer all the tasks to who was signed in before.
func holds(t *testing.T, data, url, list, token string, tasks int) {
	t.Helper()
	p := newProcess(t, data, "--store-url", url)
	p.token = token
	status, answer := p.do(http.MethodGet, list+"?limit=200", "")
	if n := strings.Count(string(answer), `"title":"task `); status != http.StatusOK || n != tasks {
		t.Errorf("%s answers %d with %d tasks: %.300s", url, status, n, answer)
	}
	if status, answer := p.do(http.MethodGet, "/api/v1/notification-preferences", ""); status != http.StatusOK || !strings.Contains(string(answer), `"email":{"assigned":true,"mentioned":false`) {
		t.Errorf("the preferences are %d %s", status, answer)
	}
	if status, answer := p.do(http.MethodGet, "/api/v1/usage/choice", ""); status != http.StatusOK || !strings.Contains(string(answer), `"record":false`) {
		t.Errorf("the choice not to be counted is %d %s", status, answer)
	}
	if session := p.post("/api/v1/auth/sign-in", `{"email":"ada@example.org","password":"a long enough secret 7"}`, "accessToken"); session == "" {
		t.Error("the password is not known any more")
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// moveHouse moves a store through the command line and checks what it leaves behind.
func moveHouse(t *testing.T, data, from, to string) {
	t.Helper()
	code, said := run("store", "migrate", "--data", data, "--from", from, "--to", to)
	if code != 0 || !strings.Contains(said, "Both sides have the digest") || !strings.Contains(said, "the rows of 1 workspaces were compared") {
		t.Fatalf("migrate answers %d %q", code, said)
	}
	if code, said := run("store", "migrate", "--data", data, "--from", from, "--to", to); code != 0 || !strings.Contains(said, "already") {
		t.Errorf("again it answers %d %q", code, said)
	}
	if code, said := run("store", "migrate", "--data", data, "--from", from, "--abort"); code != 1 || !strings.Contains(said, "has been moved") {
		t.Errorf("given up it answers %d %q", code, said)
	}
	if _, err := openPlatform(t.Context(), settingsFor(t, "--data", data, "--store-url", from)); err == nil || !strings.Contains(err.Error(), "set store.url to that address") {
		t.Errorf("a start on the store that was left answers %v", err)
	}
	next, err := openPlatform(t.Context(), settingsFor(t, "--data", data, "--store-url", from, "--store-next", to))
	if err != nil {
		t.Fatalf("a start with store.next answers %v", err)
	}
	if err := next.close(); err != nil {
		t.Error(err)
	}
}

func TestMigrateFromSQLiteToSQLite(t *testing.T) {
	t.Parallel()
	data, from, to := t.TempDir(), "sqlite:"+t.TempDir(), "sqlite:"+t.TempDir()
	list, token := fill(t, data, from, 30)
	moveHouse(t, data, from, to)
	holds(t, data, to, list, token, 30)
}

// parts opens both sides of a move between two folders.
func parts(t *testing.T, from, to string) (move.Source, move.Target, func()) {
	t.Helper()
	s, closeSource, err := openSource(t.Context(), settingsFor(t, "--store-url", from, "--data", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	g, closeTarget, err := openTarget(t.Context(), settingsFor(t, "--store-url", to, "--data", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	return s, g, func() {
		t.Helper()
		for _, shut := range []func() error{closeTarget, closeSource} {
			if err := shut(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestAPlantedChangeIsFound: what was copied and then changed in the target is
// found when the move goes on; nothing is switched, and the source takes writes.
func TestAPlantedChangeIsFound(t *testing.T) {
	t.Parallel()
	data, from, to := t.TempDir(), "sqlite:"+t.TempDir(), "sqlite:"+t.TempDir()
	list, token := fill(t, data, from, 5)
	s, g, shut := parts(t, from, to)
	// Broken off behind the fence: all is there, nothing is switched.
	broken := fmt.Errorf("the power is gone")
	s.Quiet = func(context.Context, moving.State) error { return broken }
	if _, err := move.Run(t.Context(), move.Options{Source: s, Target: g}); err == nil || !strings.Contains(err.Error(), broken.Error()) {
		t.Fatalf("the move answers %v", err)
	}
	if state, err := s.Control.MoveState(t.Context()); err != nil || state.Phase != moving.Copying {
		t.Errorf("after a failure behind the fence the source is %q, %v", state.Phase, err)
	}
	shut()
	target, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Folder: strings.TrimPrefix(to, "sqlite:"), Migrations: sqliteMigrations()})
	if err != nil {
		t.Fatal(err)
	}
	err = target.Write(t.Context(), func(c *sqlitedb.Conn) error {
		return c.Exec(`UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'task 3', 'task 4') AS BLOB) WHERE type = 'task.created'`)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openPlatform(t.Context(), settingsFor(t, "--data", data, "--store-url", to)); err == nil || !strings.Contains(err.Error(), "not all of it is there") {
		t.Errorf("a server on half of a move answers %v", err)
	}
	code, said := run("store", "migrate", "--data", data, "--from", from, "--to", to)
	if code != 1 || !strings.Contains(said, "the copy of the stream ") || !strings.Contains(said, "nothing was switched") {
		t.Errorf("with a changed event it answers %d %q", code, said)
	}
	if code, said := run("store", "migrate", "--data", data, "--from", from, "--to", "sqlite:"+t.TempDir()); code != 1 || !strings.Contains(said, "is under way") {
		t.Errorf("to elsewhere it answers %d %q", code, said)
	}
	if code, said := run("store", "migrate", "--data", data, "--from", from, "--abort"); code != 0 || !strings.Contains(said, "given up") {
		t.Errorf("given up it answers %d %q", code, said)
	}
	if code, said := run("store", "migrate", "--data", data, "--from", from, "--to", to); code != 1 || !strings.Contains(said, "is not empty") {
		t.Errorf("into what is left of another it answers %d %q", code, said)
	}
	holds(t, data, from, list, token, 5)
}

// TestAMoveGoesOnBehindTheDecision: all was compared and the last word was not
// said; run again, the move is only finished, and meanwhile nothing is written.
func TestAMoveGoesOnBehindTheDecision(t *testing.T) {
	t.Parallel()
	data, from, to := t.TempDir(), "sqlite:"+t.TempDir(), "sqlite:"+t.TempDir()
	list, token := fill(t, data, from, 5)
	s, g, shut := parts(t, from, to)
	release := g.Release
	g.Release = func() error { return fmt.Errorf("the power is gone: %w", context.DeadlineExceeded) }
	if _, err := move.Run(t.Context(), move.Options{Source: s, Target: g}); err == nil || !strings.Contains(err.Error(), "run again") {
		t.Fatalf("the move answers %v", err)
	}
	if state, err := s.Control.MoveState(t.Context()); err != nil || state.Phase != moving.Fenced {
		t.Errorf("the source is %q, %v", state.Phase, err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	shut()
	if code, said := run("store", "migrate", "--data", data, "--from", from, "--to", to); code != 0 {
		t.Errorf("again it answers %d %q", code, said)
	}
	holds(t, data, to, list, token, 5)
}

// TestFencedWritesAreRefusedAndReadsAnswered: 503 with Retry-After for whatever
// writes, until the fence is lifted.
func TestFencedWritesAreRefusedAndReadsAnswered(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + t.TempDir()
	p := newProcess(t, t.TempDir(), "--store-url", url)
	fencedAndLifted(t, p, func(phase moving.Phase) error {
		return p.platform.control.SetMoveState(t.Context(), moving.State{Phase: phase, At: time.Now()})
	})
}

func fencedAndLifted(t *testing.T, p *process, set func(moving.Phase) error) {
	t.Helper()
	create, list, project := p.begin()
	body := fmt.Sprintf(`{"project":%q,"title":"task"}`, project)
	if err := set(moving.Fenced); err != nil {
		t.Fatal(err)
	}
	for _, write := range []struct{ path, body string }{
		{create, body},
		{"/api/v1/workspaces", `{"name":"new"}`},
		{"/api/v1/auth/register", `{"email":"bob@example.org","name":"Bob","password":"a long enough secret 7"}`},
		{"/api/v1/auth/sign-in", `{"email":"ada@example.org","password":"a long enough secret 7"}`},
	} {
		status, answer := p.do(http.MethodPost, write.path, write.body)
		if status != http.StatusServiceUnavailable || !strings.Contains(string(answer), "is moving its data") {
			t.Errorf("%s behind the fence answers %d %s", write.path, status, answer)
		}
	}
	if status, answer := p.do(http.MethodGet, list, ""); status != http.StatusOK || strings.Contains(string(answer), `"title":"task"`) {
		t.Errorf("a read behind the fence answers %d %s", status, answer)
	}
	if err := set(moving.Copying); err != nil {
		t.Fatal(err)
	}
	if status, answer := p.do(http.MethodPost, create, body); status/100 != 2 {
		t.Errorf("after the fence a write answers %d %s", status, answer)
	}
}

func TestMigrateSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, c := range []struct {
		args string
		says string
	}{
		{"--from sqlite:", "--to is missing"},
		{"--from mysql://x --to sqlite:", "--from: store.url must be sqlite:"},
		{"--from sqlite: --to mysql://x", "--to: store.url must be sqlite:"},
		{"--from sqlite: --to sqlite:" + folder, "are the same store"},
		{"--from sqlite: --to sqlite:" + folder + "/b", "there is no database in " + folder},
		{"--from mongodb://ann:secret@localhost:1/a --to mongodb://bob:other@localhost:1/a", "are the same store, mongodb://localhost:1/a"},
	} {
		if code, said := run(append([]string{"store", "migrate", "--data", folder}, strings.Fields(c.args)...)...); code != 1 || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %q", c.args, code, said)
		}
	}
}
