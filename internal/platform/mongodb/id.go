package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/ids"
)

// Key writes an id as text, for the fields by which documents are found: it
// reads well in every tool, and all servers find text by an index.
func Key(id ids.ID) string { return id.String() }

// Keys writes a list of ids as text.
func Keys(list []ids.ID) bson.A {
	out := make(bson.A, 0, len(list))
	for _, id := range list {
		out = append(out, Key(id))
	}
	return out
}

// ReadKey reads what Key wrote; anything else is the zero id.
func ReadKey(key string) ids.ID {
	id, err := ids.Parse(key)
	if err != nil {
		return ids.Nil
	}
	return id
}

// ID writes an id, inside a document, as the protocol's UUID, which compares byte by byte.
func ID(id ids.ID) bson.Binary { return bson.Binary{Subtype: bson.TypeBinaryUUID, Data: id[:]} }

// IDs writes a list of ids.
func IDs(list []ids.ID) bson.A {
	out := make(bson.A, 0, len(list))
	for _, id := range list {
		out = append(out, ID(id))
	}
	return out
}

// ReadID reads an id; anything else is the zero id.
func ReadID(b bson.Binary) (id ids.ID) {
	if len(b.Data) == len(id) {
		copy(id[:], b.Data)
	}
	return id
}
