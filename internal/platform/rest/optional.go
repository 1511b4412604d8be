package rest

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
)

// Optional is a field of a PATCH body that may be absent, null or a value. A
// null is refused unless the field's tag says nullable:"true". Tag it
// `json:"name,omitzero"`; length and range tags count for the value.
type Optional[T any] struct {
	// Set reports whether the field was in the body.
	Set bool
	// Null reports whether it was null.
	Null bool
	// Value is the value where Set and not Null.
	Value T
}

// Some makes a given field, for clients and tests.
func Some[T any](v T) Optional[T] { return Optional[T]{Set: true, Value: v} }

// Get answers the value, and whether a value was given.
func (o Optional[T]) Get() (T, bool) { return o.Value, o.Set && !o.Null }

// Pointer answers the value as a pointer, nil where none was given.
func (o Optional[T]) Pointer() *T {
	if !o.Set || o.Null {
		return nil
	}
	return &o.Value
}

// IsZero reports whether the field is absent; omitzero uses it.
func (o Optional[T]) IsZero() bool { return !o.Set }

// UnmarshalJSON is called only where the field is in the body.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	o.Set = true
	if string(data) == "null" {
		o.Null = true
		return nil
	}
	return json.Unmarshal(data, &o.Value, decodeOptions)
}

// MarshalJSON writes the value, or null.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if !o.Set || o.Null {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// Schema documents the value's own schema.
func (o Optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := r.Schema(reflect.TypeFor[T](), true, "")
	if s.Ref == "" {
		s.Nullable = false
	}
	return s
}
