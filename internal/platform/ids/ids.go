// Package ids makes and reads the identifiers of everything in Headway:
// UUIDs (RFC 9562), version 7 where they are made new, so that they sort by
// time, and version 8 where they are derived from another system's ids.
package ids

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/google/uuid"
)

// ID is a UUID as 16 bytes. The zero value means "none".
type ID [16]byte

// Nil is the zero ID.
var Nil ID

// ErrSyntax is answered for text that is not a UUID in its canonical lower-case form.
var ErrSyntax = errors.New("must be a UUID such as 0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f, in lower case")

// New makes a UUIDv7.
func New() ID { return ID(uuid.Must(uuid.NewV7())) }

// Derive makes the same UUIDv8 for the same namespace and parts, always.
// Importers use it so that importing twice finds what the first time made.
func Derive(namespace ID, parts ...string) ID {
	h := sha256.New()
	h.Write(namespace[:])
	for _, p := range parts {
		var n [4]byte
		l := len(p)
		n[0], n[1], n[2], n[3] = byte(l>>24), byte(l>>16), byte(l>>8), byte(l) // #nosec G115 -- the length, big-endian
		h.Write(n[:])
		h.Write([]byte(p))
	}
	var id ID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Parse reads the canonical form: 36 characters, lower case.
func Parse(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return Nil, ErrSyntax
	}
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'F' {
			return Nil, ErrSyntax
		}
	}
	out := id[:]
	for _, part := range [5][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		n, err := hex.Decode(out, []byte(s[part[0]:part[1]]))
		if err != nil {
			return Nil, ErrSyntax
		}
		out = out[n:]
	}
	return id, nil
}

// MustParse is Parse for constants in tests and tables.
func MustParse(s string) ID {
	id, err := Parse(s)
	if err != nil {
		panic("ids: " + s + ": " + err.Error())
	}
	return id
}

// IsZero reports whether the ID is Nil; encoding/json's omitzero uses it.
func (id ID) IsZero() bool { return id == Nil }

// String gives the canonical form.
func (id ID) String() string { return string(id.AppendTo(make([]byte, 0, 36))) }

// AppendTo appends the canonical form to b.
func (id ID) AppendTo(b []byte) []byte {
	const digits = "0123456789abcdef"
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return b
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return id.AppendTo(make([]byte, 0, 36)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}
