package state_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

var at = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func id(n byte) ids.ID { return ids.ID{15: n} }

func meta(seq uint64, t event.Type, entity ids.ID) state.Meta {
	return state.Meta{Workspace: id(1), Seq: seq, Type: t, Entity: entity, Scope: id(2), Actor: id(3), At: at.Add(time.Duration(seq) * time.Minute)}
}

func TestTaskAsOf(t *testing.T) {
	t.Parallel()
	title := func(from, to string) *event.TaskPatch {
		return &event.TaskPatch{Title: &event.Change[string]{From: from, To: to}}
	}
	events := []state.Recorded{
		{Meta: meta(1, event.TaskCreated, id(9)), Payload: &event.TaskData{
			Project: id(2), Title: "One", State: event.Live, Items: []event.Item{{ID: id(5), Title: "b", Position: "a1"}, {ID: id(4), Title: "a", Position: "a0", Done: true}},
		}},
		{Meta: meta(2, event.TaskChanged, id(9)), Payload: title("One", "Two")},
		{Meta: meta(5, event.CommentAdded, id(9)), Payload: &event.CommentData{}},
		{Meta: meta(6, event.TaskTrashed, id(9)), Payload: &event.TaskPatch{State: &event.Change[event.Lifecycle]{From: event.Live, To: event.Trashed}}},
		{Meta: meta(7, event.TaskPurged, id(9)), Payload: &event.TaskGone{}},
	}
	for n, want := range []string{"", "One", "Two", "Two", "Two", ""} {
		got, err := state.TaskAsOf(events[:n])
		if err != nil {
			t.Fatal(err)
		}
		if (got == nil) != (want == "") || got != nil && got.Title != want {
			t.Errorf("after %d events: %+v, want %q", n, got, want)
		}
	}
	got, err := state.TaskAsOf(events[:4])
	if err != nil {
		t.Fatal(err)
	}
	if got.Seq != 6 || !got.UpdatedAt.Equal(at.Add(6*time.Minute)) || !got.CreatedAt.Equal(at.Add(time.Minute)) || got.CreatedBy != id(3) ||
		got.Comments != 1 || got.State != event.Trashed || got.ItemsDone != 1 || got.Detail.Items[0].Title != "a" {
		t.Errorf("folded to %+v", got)
	}
}

// A fold never changes what it is given: readers hold it.
func TestFoldsCopy(t *testing.T) {
	t.Parallel()
	full := func() *state.Task {
		return state.NewTask(meta(1, event.TaskCreated, id(9)), &event.TaskData{
			Title: "T", Description: "d", State: event.Live, Labels: []ids.ID{id(7)},
			Items: []event.Item{{ID: id(4), Title: "a", Position: "a0"}, {ID: id(5), Title: "b", Position: "a1"}}, Attachments: []event.Attachment{{ID: id(6)}},
		})
	}
	for typ, p := range map[event.Type]event.Payload{
		event.TaskChanged:       &event.TaskPatch{Description: &event.Change[string]{To: "e"}, Labels: &event.Change[[]ids.ID]{To: []ids.ID{id(8)}}},
		event.ItemsAdded:        &event.ItemsData{Items: []event.Item{{ID: id(8), Position: "Zz"}}},
		event.ItemChanged:       &event.ItemPatch{ID: id(4), Title: &event.Change[string]{To: "z"}, Position: &event.Change[string]{To: "a5"}},
		event.ItemRemoved:       &event.ItemData{Item: event.Item{ID: id(4)}},
		event.AttachmentAdded:   &event.AttachmentData{Attachment: event.Attachment{ID: id(8)}},
		event.AttachmentRemoved: &event.AttachmentData{Attachment: event.Attachment{ID: id(6)}},
	} {
		was := full()
		next, err := was.Apply(meta(2, typ, id(9)), p)
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		if !reflect.DeepEqual(was, full()) {
			t.Errorf("%s changed what it was given", typ)
		}
		if reflect.DeepEqual(next.Detail, was.Detail) {
			t.Errorf("%s changed nothing", typ)
		}
	}
	f := frame(t)
	before := *f
	members, projects := len(f.Members), f.Projects[id(2)]
	columns := projects.Columns[0]
	for typ, p := range map[event.Type]event.Payload{
		event.MemberAdded:      &event.MemberData{User: id(8), Role: event.Guest, Kind: event.Person, Projects: []ids.ID{id(2)}},
		event.ProjectChanged:   &event.ProjectPatch{Name: &event.Change[string]{To: "N"}},
		event.ColumnChanged:    &event.ColumnPatch{ID: id(4), Name: &event.Change[string]{To: "N"}},
		event.ColumnRemoved:    &event.ColumnData{Column: event.Column{ID: id(4)}},
		event.WorkspaceChanged: &event.WorkspacePatch{Name: &event.Change[string]{To: "N"}},
		event.LabelChanged:     &event.LabelPatch{Name: &event.Change[string]{To: "N"}},
	} {
		if _, _, err := f.Apply(meta(9, typ, id(2)), p); err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
	}
	if !reflect.DeepEqual(*f, before) || len(f.Members) != members || f.Projects[id(2)] != projects || projects.Columns[0] != columns || f.Labels[id(2)].Name != "L" {
		t.Error("a fold changed the frame it was given")
	}
}

func frame(t *testing.T) *state.Frame {
	t.Helper()
	var f *state.Frame
	for i, e := range []state.Recorded{
		{Meta: meta(1, event.WorkspaceCreated, id(1)), Payload: &event.WorkspaceData{Name: "W"}},
		{Meta: meta(2, event.MemberAdded, id(3)), Payload: &event.MemberData{User: id(3), Role: event.Owner, Kind: event.Person}},
		{Meta: meta(3, event.ProjectCreated, id(2)), Payload: &event.ProjectData{Name: "P", Columns: []event.Column{{ID: id(4), Name: "C", Position: "a0"}}}},
		{Meta: meta(4, event.LabelCreated, id(2)), Payload: &event.LabelData{Name: "L"}},
	} {
		next, _, err := f.Apply(e.Meta, e.Payload)
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		f = next
	}
	return f
}

func TestTouched(t *testing.T) {
	t.Parallel()
	f := frame(t)
	for _, tc := range []struct {
		typ    event.Type
		entity ids.ID
		p      event.Payload
		want   state.Touched
	}{
		{event.WorkspaceChanged, id(1), &event.WorkspacePatch{}, state.Touched{Part: state.PartWorkspace, ID: id(1)}},
		{event.MemberRemoved, id(3), &event.MemberData{User: id(3)}, state.Touched{Part: state.PartMember, ID: id(3)}},
		{event.ColumnCreated, id(2), &event.ColumnData{Column: event.Column{ID: id(9)}}, state.Touched{Part: state.PartProject, ID: id(2)}},
		{event.ProjectTrashed, id(2), &event.ProjectPatch{}, state.Touched{Part: state.PartProject, ID: id(2)}},
		{event.LabelRemoved, id(2), &event.LabelData{}, state.Touched{Part: state.PartLabel, ID: id(2), Removed: true}},
		{event.InvitationCreated, id(9), &event.InvitationData{ID: id(9)}, state.Touched{Part: state.PartInvitation, ID: id(9)}},
	} {
		next, got, err := f.Apply(meta(9, tc.typ, tc.entity), tc.p)
		if err != nil || got != tc.want {
			t.Errorf("%s touched %+v, %v; want %+v", tc.typ, got, err, tc.want)
		}
		if tc.want.Part == state.PartProject && next.Projects[id(2)].Seq != 9 {
			t.Errorf("%s left the project's seq at %d", tc.typ, next.Projects[id(2)].Seq)
		}
	}
}

// What the log cannot hold is an error, never a guess and never a panic.
func TestFoldsRefuse(t *testing.T) {
	t.Parallel()
	f := frame(t)
	for _, tc := range []struct {
		typ    event.Type
		entity ids.ID
		p      event.Payload
		want   error
	}{
		{event.WorkspaceCreated, id(1), &event.WorkspaceData{}, state.ErrExists},
		{event.WorkspaceCreated, id(1), &event.LabelData{}, state.ErrUnexpected},
		{event.MemberAdded, id(3), &event.MemberData{User: id(3)}, state.ErrExists},
		{event.MemberRemoved, id(8), &event.MemberData{User: id(8)}, state.ErrMissing},
		{event.MemberChanged, id(8), &event.MemberPatch{User: id(8)}, state.ErrMissing},
		{event.InvitationRevoked, id(8), &event.InvitationData{ID: id(8)}, state.ErrMissing},
		{event.InvitationAccepted, id(8), &event.InvitationUse{ID: id(8)}, state.ErrMissing},
		{event.ProjectCreated, id(2), &event.ProjectData{}, state.ErrExists},
		{event.ProjectChanged, id(8), &event.ProjectPatch{}, state.ErrMissing},
		{event.ColumnCreated, id(8), &event.ColumnData{}, state.ErrMissing},
		{event.ColumnCreated, id(2), &event.ColumnData{Column: event.Column{ID: id(4)}}, state.ErrExists},
		{event.ColumnRemoved, id(2), &event.ColumnData{Column: event.Column{ID: id(8)}}, state.ErrMissing},
		{event.ColumnChanged, id(2), &event.ColumnPatch{ID: id(8)}, state.ErrMissing},
		{event.LabelCreated, id(2), &event.LabelData{}, state.ErrExists},
		{event.LabelRemoved, id(8), &event.LabelData{}, state.ErrMissing},
		{event.LabelChanged, id(8), &event.LabelPatch{}, state.ErrMissing},
		{event.TaskCreated, id(8), &event.TaskData{}, state.ErrUnexpected},
		{event.LabelCreated, id(8), nil, state.ErrUnexpected},
	} {
		if next, _, err := f.Apply(meta(9, tc.typ, tc.entity), tc.p); next != nil || !errors.Is(err, tc.want) {
			t.Errorf("%s with a %T: %v; want %v", tc.typ, tc.p, err, tc.want)
		}
	}
	if _, _, err := (*state.Frame)(nil).Apply(meta(1, event.LabelCreated, id(2)), &event.LabelData{}); !errors.Is(err, state.ErrMissing) {
		t.Errorf("a label before its workspace: %v", err)
	}
	task := state.NewTask(meta(1, event.TaskCreated, id(9)), &event.TaskData{Items: []event.Item{{ID: id(4)}}, Attachments: []event.Attachment{{ID: id(6)}}})
	for _, tc := range []struct {
		typ  event.Type
		p    event.Payload
		want error
	}{
		{event.TaskCreated, &event.TaskData{}, state.ErrExists},
		{event.ItemsAdded, &event.ItemsData{Items: []event.Item{{ID: id(4)}}}, state.ErrExists},
		{event.ItemRemoved, &event.ItemData{}, state.ErrMissing},
		{event.ItemChanged, &event.ItemPatch{}, state.ErrMissing},
		{event.AttachmentAdded, &event.AttachmentData{Attachment: event.Attachment{ID: id(6)}}, state.ErrExists},
		{event.AttachmentRemoved, &event.AttachmentData{}, state.ErrMissing},
		{event.ItemsAdded, &event.ItemData{Item: event.Item{ID: id(4)}}, state.ErrUnexpected},
		{event.TaskPurged, &event.TaskPatch{}, state.ErrUnexpected},
		{event.TaskChanged, &event.TaskGone{}, state.ErrUnexpected},
		{event.CommentChanged, &event.CommentData{}, state.ErrUnexpected},
		{event.CommentAdded, &event.CommentPatch{}, state.ErrUnexpected},
		{event.LabelCreated, &event.LabelData{}, state.ErrUnexpected},
		{event.TaskChanged, nil, state.ErrUnexpected},
	} {
		if next, err := task.Apply(meta(9, tc.typ, id(9)), tc.p); next != nil || !errors.Is(err, tc.want) {
			t.Errorf("%s with a %T: %v; want %v", tc.typ, tc.p, err, tc.want)
		}
	}
	if _, err := (*state.Task)(nil).Apply(meta(1, event.TaskChanged, id(9)), &event.TaskPatch{}); !errors.Is(err, state.ErrMissing) {
		t.Errorf("a change before the creation: %v", err)
	}
	card := *task
	card.Detail = nil
	if _, err := card.Apply(meta(9, event.ItemRemoved, id(9)), &event.ItemData{Item: event.Item{ID: id(4)}}); !errors.Is(err, state.ErrMissing) {
		t.Errorf("an item of a task without its detail: %v", err)
	}
}

// Any type with any payload: a result or an error.
func TestFoldsAreTotal(t *testing.T) {
	t.Parallel()
	payloads := []event.Payload{
		&event.WorkspaceData{}, &event.WorkspacePatch{}, &event.MemberData{User: id(3)}, &event.MemberPatch{User: id(3)}, &event.InvitationData{}, &event.InvitationUse{},
		&event.ProjectData{}, &event.ProjectPatch{}, &event.ColumnData{}, &event.ColumnPatch{}, &event.LabelData{}, &event.LabelPatch{},
		&event.TaskData{}, &event.TaskPatch{}, &event.TaskGone{}, &event.ItemsData{}, &event.ItemData{}, &event.ItemPatch{}, &event.AttachmentData{},
		&event.CommentData{}, &event.CommentPatch{},
	}
	f := frame(t)
	rapid.Check(t, func(t *rapid.T) {
		m := meta(rapid.Uint64Range(1, 100).Draw(t, "seq"), rapid.SampledFrom(event.Types()).Draw(t, "type"), id(rapid.ByteRange(0, 9).Draw(t, "entity")))
		p := rapid.SampledFrom(payloads).Draw(t, "payload")
		if next, _, err := f.Apply(m, p); (next == nil) == (err == nil) {
			t.Fatalf("frame: %v, %v", next, err)
		}
		task := state.NewTask(meta(1, event.TaskCreated, id(9)), &event.TaskData{})
		if next, err := task.Apply(m, p); (next == nil) == (err == nil) && m.Type != event.TaskPurged {
			t.Fatalf("task: %v, %v", next, err)
		}
	})
}
