package event

import (
	"time"
	"unicode/utf8"

	"headway/internal/platform/ids"
)

// appender is a payload that writes its own JSON. The task and comment
// payloads do, because the single writer encodes one for most commands and
// reflection would cost more there than the rest of the decision. A test
// holds each to encoding/json.
type appender interface{ appendJSON(b []byte) []byte }

// object writes the members of one JSON object.
type object struct {
	b    []byte
	more bool
}

func open(b []byte) object { return object{b: append(b, '{')} }

func (o *object) key(name string) {
	if o.more {
		o.b = append(o.b, ',')
	}
	o.more = true
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) close() []byte { return append(o.b, '}') }

func (o *object) text(name, v string) {
	o.key(name)
	o.b = appendString(o.b, v)
}

func (o *object) textOrNone(name, v string) {
	if v != "" {
		o.text(name, v)
	}
}

func (o *object) id(name string, v ids.ID) {
	o.key(name)
	o.b = appendID(o.b, v)
}

func (o *object) idsOrNone(name string, v []ids.ID) {
	if len(v) > 0 {
		o.key(name)
		o.b = appendIDs(o.b, v)
	}
}

func (o *object) timeOrNone(name string, v *time.Time) {
	if v != nil {
		o.key(name)
		o.b = appendTime(o.b, v)
	}
}

// change writes a Change by the function that writes its values.
func change[T any](o *object, name string, c *Change[T], value func([]byte, T) []byte) {
	if c == nil {
		return
	}
	o.key(name)
	o.b = append(o.b, `{"from":`...)
	o.b = value(o.b, c.From)
	o.b = append(o.b, `,"to":`...)
	o.b = value(o.b, c.To)
	o.b = append(o.b, '}')
}

func appendText[S ~string](b []byte, s S) []byte { return appendString(b, string(s)) }

func appendID(b []byte, id ids.ID) []byte {
	b = append(b, '"')
	b = id.AppendTo(b)
	return append(b, '"')
}

func appendIDs(b []byte, list []ids.ID) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, id := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendID(b, id)
	}
	return append(b, ']')
}

func appendTime(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendUint(b []byte, n uint64) []byte {
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(b, digits[i:]...)
		}
	}
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}

// appendString writes a JSON string (RFC 8259). Bytes that are not UTF-8
// become U+FFFD, so that what is recorded can always be read.
func appendString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, "\ufffd"...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i += size
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func (i *Item) appendJSON(b []byte) []byte {
	o := open(b)
	o.id("id", i.ID)
	o.textOrNone("list", i.List)
	o.text("title", i.Title)
	o.key("done")
	o.b = appendBool(o.b, i.Done)
	o.text("position", i.Position)
	return o.close()
}

func (a *Attachment) appendJSON(b []byte) []byte {
	o := open(b)
	o.id("id", a.ID)
	o.text("name", a.Name)
	o.text("url", a.URL)
	return o.close()
}

func (o *object) items(list []Item) {
	o.b = append(o.b, '[')
	for i := range list {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = list[i].appendJSON(o.b)
	}
	o.b = append(o.b, ']')
}

func (d *TaskData) appendJSON(b []byte) []byte {
	o := open(b)
	o.id("project", d.Project)
	o.id("column", d.Column)
	o.key("number")
	o.b = appendUint(o.b, d.Number)
	o.text("title", d.Title)
	o.textOrNone("description", d.Description)
	o.text("priority", string(d.Priority))
	o.idsOrNone("labels", d.Labels)
	o.idsOrNone("assignees", d.Assignees)
	o.textOrNone("start", string(d.Start))
	o.textOrNone("due", string(d.Due))
	o.text("position", d.Position)
	o.text("state", string(d.State))
	o.timeOrNone("completed", d.Completed)
	if len(d.Items) > 0 {
		o.key("items")
		o.items(d.Items)
	}
	if len(d.Attachments) > 0 {
		o.key("attachments")
		o.b = append(o.b, '[')
		for i := range d.Attachments {
			if i > 0 {
				o.b = append(o.b, ',')
			}
			o.b = d.Attachments[i].appendJSON(o.b)
		}
		o.b = append(o.b, ']')
	}
	o.timeOrNone("created", d.Created)
	return o.close()
}

func (p *TaskPatch) appendJSON(b []byte) []byte {
	o := open(b)
	change(&o, "title", p.Title, appendString)
	change(&o, "description", p.Description, appendString)
	change(&o, "priority", p.Priority, appendText[Priority])
	change(&o, "labels", p.Labels, appendIDs)
	change(&o, "assignees", p.Assignees, appendIDs)
	change(&o, "start", p.Start, appendText[Date])
	change(&o, "due", p.Due, appendText[Date])
	change(&o, "project", p.Project, appendID)
	change(&o, "number", p.Number, appendUint)
	change(&o, "column", p.Column, appendID)
	change(&o, "position", p.Position, appendString)
	change(&o, "state", p.State, appendText[Lifecycle])
	change(&o, "completed", p.Completed, appendTime)
	return o.close()
}

func (d *CommentData) appendJSON(b []byte) []byte {
	o := open(b)
	o.key("comment")
	c := open(o.b)
	c.id("id", d.Comment.ID)
	c.text("text", d.Comment.Text)
	c.id("author", d.Comment.Author)
	c.key("at")
	c.b = appendTime(c.b, &d.Comment.At)
	o.b = c.close()
	return o.close()
}
