package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"
)

// Errors of Encode and Decode. Match them with errors.Is.
var (
	// ErrUnknownType is answered for a type that this program does not know.
	ErrUnknownType = errors.New("event: unknown type")
	// ErrUnknownVersion is answered for a version that this program does not know.
	ErrUnknownVersion = errors.New("event: unknown version")
	// ErrPayload is answered for a payload that is not of its type's shape.
	ErrPayload = errors.New("event: payload does not have the shape of its type")
)

// Upcaster turns the JSON of one version into the JSON of the next.
type Upcaster func(data []byte) ([]byte, error)

// Spec describes one event type.
type Spec struct {
	// version is the newest one, the only one that is written.
	version uint16
	empty   func() Payload
	is      func(Payload) bool
	// upcasters holds, for each older version, the step to the next.
	upcasters map[uint16]Upcaster
}

// Shape describes an event type whose payload is a *P, in its first version.
func Shape[P any, PT interface {
	*P
	Payload
}]() Spec {
	return Spec{
		version: 1,
		empty:   func() Payload { return PT(new(P)) },
		is:      func(p Payload) bool { v, ok := p.(PT); return ok && v != nil },
	}
}

// Upcast raises the type's version by one: up reads what was newest until now.
func (s Spec) Upcast(up Upcaster) Spec {
	steps := make(map[uint16]Upcaster, len(s.upcasters)+1)
	for v, u := range s.upcasters {
		steps[v] = u
	}
	steps[s.version] = up
	s.upcasters = steps
	s.version++
	return s
}

// Registry maps each event type to its shape and versions.
type Registry map[Type]Spec

// published is the registry of this program. Add an upcaster here with
// .Upcast(step) when a payload's shape changes.
var published = Registry{
	WorkspaceCreated: Shape[WorkspaceData](),
	WorkspaceChanged: Shape[WorkspacePatch](),

	MemberAdded:   Shape[MemberData](),
	MemberChanged: Shape[MemberPatch](),
	MemberRemoved: Shape[MemberData](),

	InvitationCreated:  Shape[InvitationData](),
	InvitationAccepted: Shape[InvitationUse](),
	InvitationRevoked:  Shape[InvitationData](),

	ProjectCreated:  Shape[ProjectData](),
	ProjectChanged:  Shape[ProjectPatch](),
	ProjectArchived: Shape[ProjectPatch](),
	ProjectTrashed:  Shape[ProjectPatch](),
	ProjectRestored: Shape[ProjectPatch](),

	ColumnCreated: Shape[ColumnData](),
	ColumnChanged: Shape[ColumnPatch](),
	ColumnRemoved: Shape[ColumnData](),

	LabelCreated: Shape[LabelData](),
	LabelChanged: Shape[LabelPatch](),
	LabelRemoved: Shape[LabelData](),

	TaskCreated:  Shape[TaskData](),
	TaskChanged:  Shape[TaskPatch](),
	TaskMoved:    Shape[TaskPatch](),
	TaskArchived: Shape[TaskPatch](),
	TaskTrashed:  Shape[TaskPatch](),
	TaskRestored: Shape[TaskPatch](),
	TaskPurged:   Shape[TaskGone](),

	ItemsAdded:  Shape[ItemsData](),
	ItemChanged: Shape[ItemPatch](),
	ItemRemoved: Shape[ItemData](),

	AttachmentAdded:   Shape[AttachmentData](),
	AttachmentRemoved: Shape[AttachmentData](),

	CommentAdded:   Shape[CommentData](),
	CommentChanged: Shape[CommentPatch](),
	CommentRemoved: Shape[CommentData](),
}

// Encode gives the JSON of a payload and the version it is written in.
func Encode(t Type, p Payload) (data []byte, version uint16, err error) {
	return published.Encode(t, p)
}

// Decode reads a recorded payload, whatever version it was written in. An
// unknown type or version and a payload of another shape are errors
// (ErrUnknownType, ErrUnknownVersion, ErrPayload): guessing would corrupt rows.
func Decode(t Type, version uint16, data []byte) (Payload, error) {
	return published.Decode(t, version, data)
}

// Types answers every published type, sorted.
func Types() []Type {
	all := make([]Type, 0, len(published))
	for t := range published {
		all = append(all, t)
	}
	slices.Sort(all)
	return all
}

// Version answers the version in which a type is written now, 0 for an unknown type.
func Version(t Type) uint16 { return published[t].version }

// Encode is the package's Encode on this registry.
func (r Registry) Encode(t Type, p Payload) (data []byte, version uint16, err error) {
	spec, ok := r[t]
	if !ok {
		return nil, 0, fmt.Errorf("%w %q", ErrUnknownType, string(t))
	}
	if !spec.is(p) {
		return nil, 0, fmt.Errorf("%w: %s cannot hold a %T", ErrPayload, t, p)
	}
	if a, ok := p.(appender); ok {
		return a.appendJSON(make([]byte, 0, 512)), spec.version, nil
	}
	data, err = json.Marshal(p)
	if err != nil {
		return nil, 0, fmt.Errorf("event: encode %s: %w", t, err)
	}
	return data, spec.version, nil
}

// Decode is the package's Decode on this registry.
func (r Registry) Decode(t Type, version uint16, data []byte) (Payload, error) {
	spec, ok := r[t]
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrUnknownType, string(t))
	}
	if version == 0 || version > spec.version {
		return nil, fmt.Errorf("%w %d of %s: this program knows versions 1 to %d", ErrUnknownVersion, version, t, spec.version)
	}
	for ; version < spec.version; version++ {
		var err error
		if data, err = spec.upcasters[version](data); err != nil {
			return nil, fmt.Errorf("%w: upcasting %s from version %d: %w", ErrPayload, t, version, err)
		}
	}
	if len(data) == 0 || data[0] != '{' { // null would pass for an empty payload
		return nil, fmt.Errorf("%w: %s needs a JSON object", ErrPayload, t)
	}
	p := spec.empty()
	if err := jsonv2.Unmarshal(data, p, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: %s version %d: %w", ErrPayload, t, version, err)
	}
	return p, nil
}
