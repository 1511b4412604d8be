package rest

import (
	"encoding/base64"

	"github.com/go-json-experiment/json"

	"headway/internal/apperr"
)

// maxCursor bounds a cursor's text.
const maxCursor = 2048

// EncodeCursor makes the opaque text of a place in a list. It is base64url of
// JSON; clients must not look inside.
func EncodeCursor(place any) string {
	b, err := json.Marshal(place)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeCursor reads a cursor that EncodeCursor made into place, a pointer to
// a struct. The empty cursor leaves place as it is. A text that is not a
// cursor is apperr.Invalid; what is in it is the caller's to check.
func DecodeCursor(cursor string, place any) error {
	if cursor == "" {
		return nil
	}
	if len(cursor) <= maxCursor {
		if b, err := base64.RawURLEncoding.DecodeString(cursor); err == nil && json.Unmarshal(b, place, decodeOptions) == nil {
			return nil
		}
	}
	return apperr.InvalidField("query.cursor", "Must be a cursor as an earlier answer gave it in next. Leave it out to start from the beginning.")
}
