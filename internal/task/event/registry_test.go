package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// samples holds one payload of each type with every field set.
func samples() map[event.Type]event.Payload {
	id := func(n byte) ids.ID { return ids.ID{15: n} }
	at := time.Date(2026, 3, 1, 9, 30, 15, 123e6, time.UTC)
	text := &event.Change[string]{From: "a \"quoted\" \\ line\n", To: "b\tü\u2028<é>\x01"}
	item := event.Item{ID: id(9), List: "L", Title: "Buy", Done: true, Position: "a0"}
	link := event.Attachment{ID: id(10), Name: "Plan", URL: "https://example.org/?a=1&b=2"}
	column := event.Column{ID: id(3), Name: "Done", Category: event.Done, Position: "a1", Limit: 3, Archived: true}
	member := &event.MemberData{User: id(2), Role: event.Guest, Kind: event.Person, Name: "n", Projects: []ids.ID{id(4)}}
	invitation := &event.InvitationData{ID: id(5), Role: event.Guest, Projects: []ids.ID{id(4)}, TokenHash: "h", Expires: at}
	project := &event.ProjectPatch{
		Name: text, Key: text, Color: text, Description: text, Position: text,
		State: &event.Change[event.Lifecycle]{From: event.Live, To: event.Trashed},
	}
	task := &event.TaskPatch{
		Title: text, Description: text,
		Priority:  &event.Change[event.Priority]{From: event.Low, To: event.High},
		Labels:    &event.Change[[]ids.ID]{From: nil, To: []ids.ID{id(1), id(2)}},
		Assignees: &event.Change[[]ids.ID]{From: []ids.ID{id(1)}, To: nil},
		Start:     &event.Change[event.Date]{From: "", To: "2026-03-01"},
		Due:       &event.Change[event.Date]{From: "2026-03-01T09:00:00Z", To: ""},
		Project:   &event.Change[ids.ID]{From: id(1), To: id(2)},
		Number:    &event.Change[uint64]{From: 0, To: 18446744073709551615},
		Column:    &event.Change[ids.ID]{From: id(3), To: id(4)},
		Position:  text,
		State:     &event.Change[event.Lifecycle]{From: event.Live, To: event.Archived},
		Completed: &event.Change[*time.Time]{From: nil, To: &at},
	}
	comment := &event.CommentData{Comment: event.Comment{ID: id(7), Text: "hi", Author: id(2), At: at}}
	return map[event.Type]event.Payload{
		event.WorkspaceCreated: &event.WorkspaceData{Name: "W"}, event.WorkspaceChanged: &event.WorkspacePatch{Name: text},
		event.MemberAdded: member, event.MemberRemoved: member,
		event.MemberChanged: &event.MemberPatch{
			User: id(2), Role: &event.Change[event.Role]{From: event.Guest, To: event.Admin},
			Projects: &event.Change[[]ids.ID]{From: []ids.ID{id(4)}},
		},
		event.InvitationCreated: invitation, event.InvitationRevoked: invitation,
		event.InvitationAccepted: &event.InvitationUse{ID: id(5), User: id(2)},
		event.ProjectCreated: &event.ProjectData{
			Name: "P", Key: "P", Color: "red", Description: "d", Position: "a0", Columns: []event.Column{column}, State: event.Live,
		},
		event.ProjectChanged: project, event.ProjectArchived: project, event.ProjectTrashed: project, event.ProjectRestored: project,
		event.ColumnCreated: &event.ColumnData{Column: column}, event.ColumnRemoved: &event.ColumnData{Column: column},
		event.ColumnChanged: &event.ColumnPatch{
			ID: id(3), Name: text, Category: &event.Change[event.Category]{From: event.Open, To: event.Done}, Position: text,
			Limit: &event.Change[int]{From: 1, To: 2}, Archived: &event.Change[bool]{From: false, To: true},
		},
		event.LabelCreated: &event.LabelData{Name: "l", Color: "red"}, event.LabelRemoved: &event.LabelData{Name: "l", Color: "red"},
		event.LabelChanged: &event.LabelPatch{Name: text, Color: text},
		event.TaskCreated: &event.TaskData{
			Project: id(1), Column: id(3), Number: 7, Title: "T \x00 \\ \" \u00e9", Description: "d", Priority: event.Urgent,
			Labels: []ids.ID{id(1), id(2)}, Assignees: []ids.ID{id(3)}, Start: "2026-01-01", Due: "2026-01-02T10:00:00Z",
			Position: "a0", State: event.Live, Completed: &at, Items: []event.Item{item, {ID: id(8), Title: "x", Position: "a1"}},
			Attachments: []event.Attachment{link, link}, Created: &at,
		},
		event.TaskChanged: task, event.TaskMoved: task, event.TaskArchived: task, event.TaskTrashed: task, event.TaskRestored: task,
		event.TaskPurged: &event.TaskGone{Project: id(1), Title: "T"},
		event.ItemsAdded: &event.ItemsData{Items: []event.Item{item}}, event.ItemRemoved: &event.ItemData{Item: item},
		event.ItemChanged: &event.ItemPatch{
			ID: id(9), List: text, Title: text, Done: &event.Change[bool]{From: true, To: false}, Position: text,
		},
		event.AttachmentAdded: &event.AttachmentData{Attachment: link}, event.AttachmentRemoved: &event.AttachmentData{Attachment: link},
		event.CommentAdded: comment, event.CommentRemoved: comment,
		event.CommentChanged: &event.CommentPatch{ID: id(7), Text: text},
	}
}

func TestEveryTypeSurvivesARoundTrip(t *testing.T) {
	t.Parallel()
	all := samples()
	for _, typ := range event.Types() {
		want := all[typ]
		data, version, err := event.Encode(typ, want)
		if err != nil || version != event.Version(typ) {
			t.Fatalf("%s: Encode answered version %d, %v", typ, version, err)
		}
		got, err := event.Decode(typ, version, data)
		if err != nil {
			t.Fatalf("%s: Decode(%s): %v", typ, data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: round trip changed the payload:\n%s", typ, data)
		}
		delete(all, typ)
	}
	if len(all) != 0 {
		t.Errorf("samples of unpublished types: %v", all)
	}
}

// The payloads that write their own JSON write what encoding/json would.
func TestEncodeAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	same := func(typ event.Type, p event.Payload) string {
		got, _, err := event.Encode(typ, p)
		if err != nil {
			return err.Error()
		}
		want, err := json.Marshal(p)
		if err != nil {
			return err.Error()
		}
		var a, b any
		if err := json.Unmarshal(got, &a); err != nil {
			return fmt.Sprintf("%v in %s", err, got)
		}
		if err := json.Unmarshal(want, &b); err != nil {
			return err.Error()
		}
		if !reflect.DeepEqual(a, b) {
			return fmt.Sprintf("got  %s\nwant %s", got, want)
		}
		return ""
	}
	for typ, p := range samples() {
		if diff := same(typ, p); diff != "" {
			t.Errorf("%s: %s", typ, diff)
		}
	}
	for _, p := range []event.Payload{&event.TaskData{}, &event.TaskPatch{}, &event.CommentData{}} {
		typ := map[string]event.Type{"*event.TaskData": event.TaskCreated, "*event.TaskPatch": event.TaskChanged, "*event.CommentData": event.CommentAdded}[fmt.Sprintf("%T", p)]
		if diff := same(typ, p); diff != "" {
			t.Errorf("empty %s: %s", typ, diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		d := &event.TaskData{Title: text, Description: text, Number: rapid.Uint64().Draw(t, "n")}
		if diff := same(event.TaskCreated, d); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestEncodeRefusesAPayloadOfAnotherType(t *testing.T) {
	t.Parallel()
	for _, p := range []event.Payload{&event.LabelData{}, nil, (*event.TaskData)(nil)} {
		if _, _, err := event.Encode(event.TaskCreated, p); !errors.Is(err, event.ErrPayload) {
			t.Errorf("Encode of a %T as task.created: %v", p, err)
		}
	}
	if _, _, err := event.Encode("task.sung", &event.TaskData{}); !errors.Is(err, event.ErrUnknownType) {
		t.Errorf("Encode of an unknown type: %v", err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		typ     event.Type
		version uint16
		data    string
		want    error
		says    string
	}{
		{"unknown type", "task.sung", 1, `{}`, event.ErrUnknownType, "task.sung"},
		{"version 0", event.LabelCreated, 0, `{}`, event.ErrUnknownVersion, "versions 1 to 1"},
		{"newer version", event.LabelCreated, 2, `{}`, event.ErrUnknownVersion, "2 of label.created"},
		{"null", event.LabelCreated, 1, `null`, event.ErrPayload, "object"},
		{"empty", event.LabelCreated, 1, ``, event.ErrPayload, "object"},
		{"unknown member", event.LabelCreated, 1, `{"name":"a","color":"red","size":1}`, event.ErrPayload, "size"},
		{"another kind", event.LabelCreated, 1, `{"name":1}`, event.ErrPayload, "label.created"},
		{"cut off", event.LabelCreated, 1, `{"name":"a"`, event.ErrPayload, "label.created"},
		{"more behind", event.LabelCreated, 1, `{"name":"a"} {}`, event.ErrPayload, "label.created"},
		{"bad id", event.TaskPurged, 1, `{"project":"x"}`, event.ErrPayload, "task.purged"},
	} {
		_, err := event.Decode(tc.typ, tc.version, []byte(tc.data))
		if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v; want %v with %q", tc.name, err, tc.want, tc.says)
		}
	}
}

// Old versions are read through every step up to the newest, which alone is written.
func TestUpcasters(t *testing.T) {
	t.Parallel()
	rename := func(from, to string) event.Upcaster {
		return func(data []byte) ([]byte, error) {
			return bytes.ReplaceAll(data, []byte(`"`+from+`"`), []byte(`"`+to+`"`)), nil
		}
	}
	r := event.Registry{event.LabelCreated: event.Shape[event.LabelData]().Upcast(rename("title", "label")).Upcast(rename("label", "name"))}
	for version, data := range map[uint16]string{
		1: `{"title":"Bug","color":"red"}`, 2: `{"label":"Bug","color":"red"}`, 3: `{"name":"Bug","color":"red"}`,
	} {
		p, err := r.Decode(event.LabelCreated, version, []byte(data))
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if got := *p.(*event.LabelData); got != (event.LabelData{Name: "Bug", Color: "red"}) {
			t.Errorf("version %d read as %+v", version, got)
		}
	}
	if _, version, err := r.Encode(event.LabelCreated, &event.LabelData{}); version != 3 || err != nil {
		t.Errorf("written as version %d, %v; want 3", version, err)
	}
	if _, err := r.Decode(event.LabelCreated, 4, []byte(`{}`)); !errors.Is(err, event.ErrUnknownVersion) {
		t.Errorf("version 4: %v", err)
	}
	broken := event.Registry{event.LabelCreated: event.Shape[event.LabelData]().Upcast(func([]byte) ([]byte, error) { return nil, errors.New("odd") })}
	if _, err := broken.Decode(event.LabelCreated, 1, []byte(`{}`)); !errors.Is(err, event.ErrPayload) || !strings.Contains(err.Error(), "odd") {
		t.Errorf("failing upcaster: %v", err)
	}
}

// Whatever bytes come, decoding answers a payload or an error; and what it
// answers encodes to something that decodes to the same.
func FuzzDecode(f *testing.F) {
	for typ, p := range samples() {
		data, version, err := event.Encode(typ, p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(typ), version, data)
	}
	f.Add("task.created", uint16(1), []byte(`{"title":"\ud800","labels":[null],"completed":"2026-01-01T00:00:00+14:00"}`))
	f.Fuzz(func(t *testing.T, typ string, version uint16, data []byte) {
		p, err := event.Decode(event.Type(typ), version, data)
		if err != nil {
			return
		}
		first, v, err := event.Encode(event.Type(typ), p)
		if err != nil {
			t.Fatalf("decoded %s does not encode: %v", data, err)
		}
		again, err := event.Decode(event.Type(typ), v, first)
		if err != nil {
			t.Fatalf("%s encoded as %s does not decode: %v", data, first, err)
		}
		second, _, err := event.Encode(event.Type(typ), again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("encoded twice: %s then %s (%v)", first, second, err)
		}
	})
}

func BenchmarkEncodeTaskCreated(b *testing.B) {
	p := samples()[event.TaskCreated]
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := event.Encode(event.TaskCreated, p); err != nil {
			b.Fatal(err)
		}
	}
}
