package domain

import (
	"strings"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// CheckLabel checks a new label and answers it as it is recorded.
func CheckLabel(base string, d event.LabelData, nameless bool) (event.LabelData, error) {
	f := Faults{base: base}
	shortest := 1
	if nameless {
		shortest = 0
	}
	d.Name = f.line("name", d.Name, shortest, MaxName)
	if d.Color == "" {
		d.Color = Colors[0]
	}
	f.color("color", d.Color)
	return d, f.Err()
}

// NewLabel decides on a checked label made by hand: its name must be free.
func NewLabel(f *state.Frame, d event.LabelData) error {
	if len(f.Labels) >= MaxLabels {
		return apperr.New(apperr.Conflict, "The workspace has %d labels and can take no more.", MaxLabels)
	}
	return labelFree(f, d.Name, ids.Nil)
}

func labelFree(f *state.Frame, name string, except ids.ID) error {
	for id, l := range f.Labels {
		if id != except && strings.EqualFold(l.Name, name) {
			return apperr.InvalidField("body.name", "is the name of another label")
		}
	}
	return nil
}

// LabelChange is what to change about a label; nil fields stay as they are.
type LabelChange struct {
	Name, Color *string
}

// Check checks what needs no state.
func (c *LabelChange) Check() error {
	f := Faults{base: "body"}
	if c.Name != nil {
		c.Name = ptr(f.line("name", *c.Name, 1, MaxName))
	}
	if c.Color != nil {
		f.color("color", *c.Color)
	}
	return f.Err()
}

// EditLabel decides on a checked change; nil where nothing differs.
func EditLabel(f *state.Frame, l *state.Label, c *LabelChange) (*event.LabelPatch, error) {
	p := &event.LabelPatch{Name: differs(l.Name, c.Name), Color: differs(l.Color, c.Color)}
	if *p == (event.LabelPatch{}) {
		return nil, nil
	}
	if p.Name != nil {
		if err := labelFree(f, p.Name.To, l.ID); err != nil {
			return nil, err
		}
	}
	return p, nil
}
