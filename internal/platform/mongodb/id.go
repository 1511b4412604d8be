package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/ids"
)

// ID writes an id as the protocol's UUID, which compares byte by byte.
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
