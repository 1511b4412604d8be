package readmodel

import (
	"strconv"
	"time"
	"unicode/utf8"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// A task's JSON is written once, when the task changes, and sent as it is
// from then on; DecodeTask reads it back. Keys and their order are fixed:
// the decoder relies on them.

// AppendCard appends the JSON object of a task as lists show it.
func AppendCard(b []byte, t *state.Task) []byte {
	b = appendID(append(b, `{"id":`...), t.ID)
	b = appendID(append(b, `,"project":`...), t.Project)
	b = appendID(append(b, `,"column":`...), t.Column)
	b = strconv.AppendUint(append(b, `,"number":`...), t.Number, 10)
	b = appendText(append(b, `,"title":`...), t.Title)
	b = appendText(append(b, `,"priority":`...), string(t.Priority))
	b = appendIDs(append(b, `,"labels":`...), t.Labels)
	b = appendIDs(append(b, `,"assignees":`...), t.Assignees)
	b = appendText(append(b, `,"start":`...), string(t.Start))
	b = appendText(append(b, `,"due":`...), string(t.Due))
	b = appendText(append(b, `,"position":`...), t.Position)
	b = appendText(append(b, `,"state":`...), string(t.State))
	b = append(b, `,"completedAt":`...)
	if t.Completed == nil {
		b = append(b, "null"...)
	} else {
		b = appendTime(b, *t.Completed)
	}
	b = strconv.AppendInt(append(b, `,"itemsDone":`...), int64(t.ItemsDone), 10)
	b = strconv.AppendInt(append(b, `,"itemsTotal":`...), int64(t.ItemsTotal), 10)
	b = strconv.AppendInt(append(b, `,"comments":`...), int64(t.Comments), 10)
	b = strconv.AppendInt(append(b, `,"attachments":`...), int64(t.Attachments), 10)
	b = strconv.AppendBool(append(b, `,"hasDescription":`...), t.HasDescription)
	b = appendTime(append(b, `,"createdAt":`...), t.CreatedAt)
	b = appendID(append(b, `,"createdBy":`...), t.CreatedBy)
	b = appendTime(append(b, `,"updatedAt":`...), t.UpdatedAt)
	b = strconv.AppendUint(append(b, `,"seq":`...), t.Seq, 10)
	return append(b, '}')
}

// EmptyDetail is what AppendDetail writes of a task without anything but its card.
const EmptyDetail = `"description":"","items":[],"attachmentLinks":[]`

// AppendDetail appends the further members of the same object that only the
// task's own page shows, without braces.
func AppendDetail(b []byte, d *state.Detail) []byte {
	b = appendText(append(b, `"description":`...), d.Description)
	b = append(b, `,"items":[`...)
	for i := range d.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, &d.Items[i])
	}
	b = append(b, `],"attachmentLinks":[`...)
	for i := range d.Attachments {
		if i > 0 {
			b = append(b, ',')
		}
		a := &d.Attachments[i]
		b = appendID(append(b, `{"id":`...), a.ID)
		b = appendText(append(b, `,"name":`...), a.Name)
		b = appendText(append(b, `,"url":`...), a.URL)
		b = append(b, '}')
	}
	return append(b, ']')
}

// JoinTask appends the whole object of a task's own page from its card and
// detail as they are stored.
func JoinTask(b, card, detail []byte) []byte {
	b = append(b, card[:len(card)-1]...)
	b = append(b, ',')
	b = append(b, detail...)
	return append(b, '}')
}

func appendItem(b []byte, it *event.Item) []byte {
	b = appendID(append(b, `{"id":`...), it.ID)
	b = appendText(append(b, `,"list":`...), it.List)
	b = appendText(append(b, `,"title":`...), it.Title)
	b = strconv.AppendBool(append(b, `,"done":`...), it.Done)
	b = appendText(append(b, `,"position":`...), it.Position)
	return append(b, '}')
}

func appendID(b []byte, id ids.ID) []byte {
	return append(id.AppendTo(append(b, '"')), '"')
}

func appendIDs(b []byte, list []ids.ID) []byte {
	b = append(b, '[')
	for i, id := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendID(b, id)
	}
	return append(b, ']')
}

// timeLayout is RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return append(t.AppendFormat(append(b, '"'), timeLayout), '"')
	}
	hour, minute, second := t.Clock()
	milli := t.Nanosecond() / 1e6
	return append(b, '"',
		digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
		digit(int(month)/10), digit(int(month)), '-', digit(day/10), digit(day), 'T',
		digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute), ':', digit(second/10), digit(second), '.',
		digit(milli/100), digit(milli/10), digit(milli), 'Z', '"')
}

func digit(n int) byte { return byte('0' + n%10) } // #nosec G115 -- below 10

// appendText appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
