package readmodel_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// wire is the task's own page as encoding/json knows it.
type wire struct {
	ID              ids.ID     `json:"id"`
	Project         ids.ID     `json:"project"`
	Column          ids.ID     `json:"column"`
	Number          uint64     `json:"number"`
	Title           string     `json:"title"`
	Priority        string     `json:"priority"`
	Labels          []ids.ID   `json:"labels"`
	Assignees       []ids.ID   `json:"assignees"`
	Start           string     `json:"start"`
	Due             string     `json:"due"`
	Position        string     `json:"position"`
	State           string     `json:"state"`
	CompletedAt     *time.Time `json:"completedAt"`
	ItemsDone       int        `json:"itemsDone"`
	ItemsTotal      int        `json:"itemsTotal"`
	Comments        int        `json:"comments"`
	Attachments     int        `json:"attachments"`
	HasDescription  bool       `json:"hasDescription"`
	CreatedAt       time.Time  `json:"createdAt"`
	CreatedBy       ids.ID     `json:"createdBy"`
	UpdatedAt       time.Time  `json:"updatedAt"`
	Seq             uint64     `json:"seq"`
	Description     string     `json:"description"`
	Items           []wireItem `json:"items"`
	AttachmentLinks []wireLink `json:"attachmentLinks"`
}

type wireItem struct {
	ID       ids.ID `json:"id"`
	List     string `json:"list"`
	Title    string `json:"title"`
	Done     bool   `json:"done"`
	Position string `json:"position"`
}

type wireLink struct {
	ID   ids.ID `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

func orEmpty[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

func asWire(t *state.Task) wire {
	w := wire{
		ID: t.ID, Project: t.Project, Column: t.Column, Number: t.Number, Title: t.Title, Priority: string(t.Priority),
		Labels: orEmpty(t.Labels), Assignees: orEmpty(t.Assignees), Start: string(t.Start), Due: string(t.Due),
		Position: t.Position, State: string(t.State), CompletedAt: t.Completed,
		ItemsDone: t.ItemsDone, ItemsTotal: t.ItemsTotal, Comments: t.Comments, Attachments: t.Attachments,
		HasDescription: t.HasDescription, CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, UpdatedAt: t.UpdatedAt, Seq: t.Seq,
		Description: t.Detail.Description, Items: []wireItem{}, AttachmentLinks: []wireLink{},
	}
	for _, it := range t.Detail.Items {
		w.Items = append(w.Items, wireItem(it))
	}
	for _, a := range t.Detail.Attachments {
		w.AttachmentLinks = append(w.AttachmentLinks, wireLink(a))
	}
	return w
}

func drawID(t *rapid.T, name string) ids.ID {
	return ids.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
}

func drawIDs(t *rapid.T, name string) []ids.ID {
	var out []ids.ID
	for range rapid.IntRange(0, 3).Draw(t, name) {
		out = append(out, drawID(t, name))
	}
	return out
}

func drawTime(t *rapid.T, name string) time.Time {
	return time.UnixMilli(rapid.Int64Range(-62_000_000_000_000, 253_000_000_000_000).Draw(t, name)).UTC()
}

func drawTask(t *rapid.T) *state.Task {
	text := rapid.String()
	task := &state.Task{
		ID: drawID(t, "id"), Project: drawID(t, "project"), Column: drawID(t, "column"),
		Number: rapid.Uint64().Draw(t, "number"), Title: text.Draw(t, "title"), Priority: event.Priority(text.Draw(t, "priority")),
		Labels: drawIDs(t, "labels"), Assignees: drawIDs(t, "assignees"),
		Start: event.Date(text.Draw(t, "start")), Due: event.Date(text.Draw(t, "due")), Position: text.Draw(t, "position"),
		State: event.Live, ItemsDone: rapid.IntRange(0, 500).Draw(t, "done"), ItemsTotal: 7, Comments: 8, Attachments: 9,
		HasDescription: rapid.Bool().Draw(t, "has"), CreatedAt: drawTime(t, "created"), CreatedBy: drawID(t, "by"),
		UpdatedAt: drawTime(t, "updated"), Seq: rapid.Uint64().Draw(t, "seq"),
		Detail: &state.Detail{Description: text.Draw(t, "description")},
	}
	if rapid.Bool().Draw(t, "is completed") {
		at := drawTime(t, "completed")
		task.Completed = &at
	}
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		task.Detail.Items = append(task.Detail.Items, event.Item{
			ID: drawID(t, "item"), List: text.Draw(t, "list"), Title: text.Draw(t, "item title"),
			Done: rapid.Bool().Draw(t, "item done"), Position: text.Draw(t, "item position"),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "links") {
		task.Detail.Attachments = append(task.Detail.Attachments, event.Attachment{
			ID: drawID(t, "link"), Name: text.Draw(t, "link name"), URL: text.Draw(t, "url"),
		})
	}
	return task
}

func TestATaskSurvivesItsJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		task := drawTask(t)
		card := readmodel.AppendCard(nil, task)
		detail := readmodel.AppendDetail(nil, task.Detail)

		back, err := readmodel.DecodeTask(card, detail)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, task) {
			t.Fatalf("read back %+v\nwrote     %+v", back, task)
		}
		whole := readmodel.JoinTask(nil, card, detail)
		var got wire
		if err := json.Unmarshal(whole, &got); err != nil {
			t.Fatalf("%v in %s", err, whole)
		}
		if want := asWire(task); !reflect.DeepEqual(got, want) {
			t.Fatalf("encoding/json reads %+v\nwant %+v", got, want)
		}
	})
}

func TestTheEmptyDetailIsWhatAnEmptyTaskHas(t *testing.T) {
	t.Parallel()
	if got := string(readmodel.AppendDetail(nil, &state.Detail{})); got != readmodel.EmptyDetail {
		t.Errorf("an empty detail is %s", got)
	}
}

func TestTextThatIsNotUTF8IsMended(t *testing.T) {
	t.Parallel()
	card := readmodel.AppendCard(nil, &state.Task{Title: "a\xffb\xe4"})
	if !json.Valid(card) || !strings.Contains(string(card), `"title":"a`+"\ufffd"+"b\ufffd"+`"`) {
		t.Errorf("the card is %s", card)
	}
}

func FuzzDecodeTask(f *testing.F) {
	task := &state.Task{Title: "T \"x\"\n", Labels: []ids.ID{ids.New()}, Detail: &state.Detail{Items: []event.Item{{Title: "i"}}}}
	f.Add(readmodel.AppendCard(nil, task), readmodel.AppendDetail(nil, task.Detail))
	f.Add([]byte(`{"id":"`), []byte(`"description":"\`))
	f.Fuzz(func(t *testing.T, card, detail []byte) {
		got, err := readmodel.DecodeTask(card, detail)
		if err != nil {
			return
		}
		// What is accepted reads the same once it was written again.
		d := got.Detail
		again := readmodel.AppendCard(nil, got)
		var detailAgain []byte
		if d != nil {
			detailAgain = readmodel.AppendDetail(nil, d)
		}
		back, err := readmodel.DecodeTask(again, detailAgain)
		if err != nil {
			t.Fatalf("%v in %s", err, again)
		}
		if !reflect.DeepEqual(back, got) {
			t.Fatalf("read %+v, then %+v", got, back)
		}
	})
}

func BenchmarkEncodeCard(b *testing.B) {
	task := &state.Task{ID: ids.New(), Title: "Write the release notes for the next version", Position: "a0", State: event.Live, Priority: event.High, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	var buf []byte
	for b.Loop() {
		buf = readmodel.AppendCard(buf[:0], task)
	}
}

func BenchmarkDecodeCard(b *testing.B) {
	task := &state.Task{ID: ids.New(), Title: "Write the release notes for the next version", Position: "a0", State: event.Live, Priority: event.High, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	card := readmodel.AppendCard(nil, task)
	for b.Loop() {
		if _, err := readmodel.DecodeTask(card, nil); err != nil {
			b.Fatal(err)
		}
	}
}
