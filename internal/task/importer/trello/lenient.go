package trello

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The types here take whatever stands in the file: exports come from many
// years, tools and hands, and one odd value must not cost the rest of a card.
// A value of a wrong kind reads as absent.

// text is a string; numbers are taken as they are written.
type text string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*t = ""
	switch dec.PeekKind() {
	case '"', '0':
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		*t = text(tok.String())
		return nil
	}
	return dec.SkipValue()
}

// number is a float; "top" and "bottom" are the infinities.
type number struct {
	v  float64
	ok bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (n *number) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*n = number{}
	switch dec.PeekKind() {
	case '"', '0':
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		switch s := strings.TrimSpace(tok.String()); s {
		case "top":
			*n = number{math.Inf(-1), true}
		case "bottom":
			*n = number{math.Inf(1), true}
		default:
			// Out of range answers an infinity with the error: it still says which end.
			v, err := strconv.ParseFloat(s, 64)
			if (err == nil || math.IsInf(v, 0)) && !math.IsNaN(v) {
				*n = number{v, true}
			}
		}
		return nil
	}
	return dec.SkipValue()
}

// boolean is a boolean; "true" and numbers other than 0 count as set.
type boolean bool

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (f *boolean) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*f = false
	switch dec.PeekKind() {
	case 't', 'f', '"', '0':
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		s := strings.ToLower(strings.TrimSpace(tok.String()))
		*f = s != "" && s != "0" && s != "false" && s != "no" && s != "null"
		return nil
	}
	return dec.SkipValue()
}

// moment is a time. odd is set where something stands there that is none.
type moment struct {
	t   time.Time
	day bool // only a date was given
	odd bool
}

func (m moment) given() bool { return !m.t.IsZero() }

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (m *moment) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*m = moment{}
	switch dec.PeekKind() {
	case '"', '0':
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		*m = readMoment(tok.String())
		return nil
	case 'n':
		return dec.SkipValue()
	}
	m.odd = true
	return dec.SkipValue()
}

var momentLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05", "2006-01-02 15:04",
}

// readMoment takes RFC 3339 and its near relatives, plain dates, and Unix
// times in seconds or milliseconds. The year must have four digits.
func readMoment(s string) moment {
	s = strings.TrimSpace(s)
	if s == "" || s == "null" {
		return moment{}
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil && t.Year() > 0 {
		return moment{t: t, day: true}
	}
	for _, layout := range momentLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			if y := t.Year(); y > 0 && y <= 9999 {
				return moment{t: t}
			}
			return moment{odd: true}
		}
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && v >= 1e8 && v < 1e14 {
		if v < 1e11 {
			v *= 1000
		}
		return moment{t: time.UnixMilli(int64(v)).UTC()}
	}
	return moment{odd: true}
}

// objects is an array of objects; whatever else is in it is left out.
type objects[T any] []T

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *objects[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = (*o)[:0]
	return each(dec, func() error {
		if dec.PeekKind() != '{' {
			return dec.SkipValue()
		}
		var v T
		if err := json.UnmarshalDecode(dec, &v); err != nil {
			return err
		}
		if len(*o) < maxInner {
			*o = append(*o, v)
		}
		return nil
	})
}

// maxInner bounds how many things one array inside an element may hold;
// Trello's own limits are a fiftieth of it.
const maxInner = 20_000

// texts is an array of ids or names.
type texts []string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *texts) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = (*o)[:0]
	return each(dec, func() error {
		var v text
		if err := v.UnmarshalJSONFrom(dec); err != nil {
			return err
		}
		if v != "" && len(*o) < maxInner {
			*o = append(*o, string(v))
		}
		return nil
	})
}

// each calls fn at every element where an array stands, and skips anything else.
func each(dec *jsontext.Decoder, fn func() error) error {
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if err := fn(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// object is an object or nothing.
type object[T any] struct {
	v  T
	ok bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *object[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = object[T]{}
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	o.ok = true
	return json.UnmarshalDecode(dec, &o.v)
}
