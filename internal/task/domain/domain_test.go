package domain_test

import (
	"errors"
	"fmt"
	"testing"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/domain"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// Each action by the least role that may do it; the workspace's roles in the order of their power.
func TestRoleOfEachAction(t *testing.T) {
	t.Parallel()
	roles := []event.Role{event.Guest, event.Member, event.Admin, event.Owner}
	for action, least := range map[domain.Action]int{
		domain.ReadWorkspace: 0, domain.Comment: 0,
		domain.Import: 1, domain.CreateProject: 1, domain.ChangeProject: 1, domain.ChangeLabels: 1, domain.ChangeTasks: 1,
		domain.ChangeWorkspace: 2, domain.ManageInvitations: 2, domain.ManageMembers: 2, domain.TrashProject: 2, domain.PurgeTasks: 2, domain.RemoveComments: 2,
		domain.ManageOwners:    3,
		domain.Action("dance"): 4, // what is not listed nobody may
	} {
		for i, role := range roles {
			user := ids.New()
			f := &state.Frame{Members: map[ids.ID]*state.Member{user: {User: user, Role: role, Kind: event.Person}}}
			_, err := domain.Allow(f, user, action)
			if (err == nil) != (i >= least) || err != nil && !apperr.Is(err, apperr.Forbidden) {
				t.Errorf("%s as %s: %v", action, role, err)
			}
		}
	}
}

func TestWhoIsOutsideLearnsNothing(t *testing.T) {
	t.Parallel()
	user := ids.New()
	for name, f := range map[string]*state.Frame{
		"no workspace": nil,
		"no member":    {},
		"removed":      {Members: map[ids.ID]*state.Member{user: {User: user, Role: event.Owner, Kind: event.Person, Removed: true}}},
		"placeholder":  {Members: map[ids.ID]*state.Member{user: {User: user, Role: event.Owner, Kind: event.Placeholder}}},
		"unknown role": {Members: map[ids.ID]*state.Member{user: {User: user, Role: "king", Kind: event.Person}}},
	} {
		_, err := domain.Allow(f, user, domain.ReadWorkspace)
		want := apperr.NotFound
		if name == "unknown role" {
			want = apperr.Forbidden
		}
		if !apperr.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyFor(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Launch": "LAU", "Go": "GO", "big red fox": "BRF", "One two three four five": "OTTF", "Ünïcode": "UNI", "Éa": "EA",
		"日本語": "P", "": "P", "2026": "P", "2026 plan": "P", "3D print": "P", "C++": "C", "a-b_c": "ABC", "x 日 y": "XY", "9lives": "LI",
	} {
		got := domain.KeyFor(name)
		if got != want {
			t.Errorf("KeyFor(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFreeKey(t *testing.T) {
	t.Parallel()
	f := &state.Frame{Projects: map[ids.ID]*state.Project{}}
	for i := range 12 {
		key := domain.FreeKey(f, "ABCDEFGHIJ")
		want := "ABCDEFGHIJ"
		if i > 0 {
			want = fmt.Sprintf("ABCDEFGHI%d", i+1)
		}
		if i >= 9 {
			want = fmt.Sprintf("ABCDEFGH%d", i+1)
		}
		if key != want {
			t.Errorf("key %d is %s, want %s", i, key, want)
		}
		f.Projects[ids.New()] = &state.Project{Key: key}
	}
}

func TestFaultsNameEveryField(t *testing.T) {
	t.Parallel()
	err := domain.CheckNewTask("body", &event.TaskData{Due: "x", Items: []event.Item{{Title: "a", Position: "!"}}})
	var e *apperr.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Path)
	}
	if fmt.Sprint(got) != "[body.project body.title body.due body.items[0].position]" {
		t.Errorf("named %v", got)
	}
}
