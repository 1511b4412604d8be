package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/eventlog"
	"headway/internal/platform/eventlog/mongo/internal/mutant"
	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/moving"
)

// Batch is what one commit holds.
type Batch struct {
	Category eventlog.Category
	Stream   ids.ID
	// Head is the stream's newest seq, as the caller read it from this log or
	// was answered by it: the batch follows it. One that never was the head
	// would leave a gap.
	Head   uint64
	Events []eventlog.Event
	// Reserve are ids to be taken for the stream, among all streams, before the commit.
	Reserve []ids.ID
	// Note goes with the commit, for those who read it by Commits.
	Note []byte
}

// ReservedError says that an id of Batch.Reserve was reserved before, for this
// stream or for another. Nothing was committed; ids before it in the list may
// be reserved now.
type ReservedError struct{ ID ids.ID }

// Error implements error.
func (e *ReservedError) Error() string { return "eventlog: the id " + e.ID.String() + " is reserved" }

// ErrLost says that the batch was not committed, because another follows the
// head already. Its reservations are made, unless it is ErrLostUnsure.
var (
	ErrLost       = errors.New("eventlog: another commit was first")
	ErrLostUnsure = fmt.Errorf("%w, and what is reserved is not known", ErrLost)
)

// partSize is how large a document may get before its rest goes into parts;
// the protocol's limit is 16 MiB.
const partSize = 8 << 20

// Commit writes the batch, with its reservations before it, in one round
// trip. A stream that is fenced answers moving.Refused. Any other error that is
// neither ErrLost nor *ReservedError leaves open whether it was committed.
func (l *Log) Commit(ctx context.Context, b Batch) error {
	if mutant.AnswerFirst {
		go func() { _ = l.commit(context.WithoutCancel(ctx), b, ids.New()) }() // that nobody hears of it is the fault
		return nil
	}
	return l.commit(ctx, b, ids.New())
}

func (l *Log) commit(ctx context.Context, b Batch, by ids.ID) error {
	stream, id := mongodb.Key(b.Stream), mongodb.ID(by)
	first := signed(b.Head + 1)
	docs := make([]any, 0, len(b.Reserve)+1)
	for _, r := range b.Reserve {
		docs = append(docs, document{ID: mongodb.ID(ids.New()), Stream: mongodb.Key(r), Owner: stream})
	}
	commit := document{
		ID: id, Stream: stream, First: first, Last: first + int64(len(b.Events)) - 1, Category: b.Category,
		Events: encode(b.Events), Note: b.Note,
	}
	parts, err := split(&commit)
	if err != nil {
		return wrap(err, "commit")
	}
	for i := range parts {
		docs = append(docs, parts[i])
	}
	_, err = l.commits.InsertMany(ctx, append(docs, commit))
	if err == nil {
		return nil
	}
	if place, duplicate := mongodb.Duplicate(err); duplicate {
		if place < len(b.Reserve) {
			return &ReservedError{b.Reserve[place]}
		}
		// A driver that sends the insert again after a lost answer finds its own.
		// What is there may not be a majority's yet, and so not be seen at once.
		ours, fence, lookErr := l.confirm(ctx, stream, first, id, true)
		switch {
		case lookErr != nil:
			return wrap(lookErr, "commit")
		case ours:
			return nil
		}
		return refused(fence)
	}
	if ours, fence, lookErr := l.confirm(ctx, stream, first, id, false); lookErr == nil {
		if ours {
			return nil
		}
		if fence {
			return moving.Refused()
		}
		return ErrLostUnsure
	}
	return wrap(err, "commit")
}

// split moves the events and the note of a commit that is too large into parts.
func split(d *document) (parts []document, err error) {
	size := len(d.Note)
	for i := range d.Events {
		size += len(d.Events[i].Data) + 192
	}
	if size <= partSize {
		return nil, nil
	}
	body, err := bson.Marshal(document{Events: d.Events, Note: d.Note})
	if err != nil {
		return nil, err
	}
	for at := 0; at < len(body); at += partSize {
		parts = append(parts, document{
			ID: mongodb.ID(ids.New()), Stream: mongodb.Key(mongodb.ReadID(d.ID)), First: int64(len(parts)), Body: body[at:min(at+partSize, len(body))],
		})
	}
	stubs := make([]record, len(d.Events))
	for i := range d.Events {
		stubs[i] = record{ID: d.Events[i].ID, Entity: d.Events[i].Entity}
	}
	d.Events, d.Note, d.Parts = stubs, nil, len(parts)
	return parts, nil
}

// join reads the parts of a commit back.
func (l *Log) join(ctx context.Context, d *document) error {
	if d.Parts == 0 {
		return nil
	}
	cursor, err := l.commits.Find(ctx, bson.D{{Key: "w", Value: mongodb.Key(mongodb.ReadID(d.ID))}, {Key: "first", Value: bson.D{{Key: "$gte", Value: int64(0)}}}},
		options.Find().SetSort(bson.D{{Key: "first", Value: 1}}))
	if err != nil {
		return err
	}
	var parts []document
	if err := cursor.All(ctx, &parts); err != nil {
		return err
	}
	if len(parts) != d.Parts {
		return fmt.Errorf("the commit of seq %d has %d of its %d parts", d.First, len(parts), d.Parts)
	}
	var body []byte
	for i := range parts {
		body = append(body, parts[i].Body...)
	}
	var whole document
	if err := bson.Unmarshal(body, &whole); err != nil {
		return err
	}
	d.Events, d.Note, d.Parts = whole.Events, whole.Note, 0
	return nil
}

// Owners answers which of the ids are reserved, and for which stream.
func (l *Log) Owners(ctx context.Context, list []ids.ID) (map[ids.ID]ids.ID, error) {
	out := map[ids.ID]ids.ID{}
	const page = 5000
	for len(list) > 0 {
		n := min(page, len(list))
		cursor, err := l.commits.Find(ctx, bson.D{
			{Key: "w", Value: bson.D{{Key: "$in", Value: mongodb.Keys(list[:n])}}}, {Key: "first", Value: int64(0)},
		}, options.Find().SetBatchSize(page))
		if err != nil {
			return nil, wrap(err, "look reservations up")
		}
		var found []document
		if err := cursor.All(ctx, &found); err != nil {
			return nil, wrap(err, "look reservations up")
		}
		for i := range found {
			out[mongodb.ReadKey(found[i].Stream)] = mongodb.ReadKey(found[i].Owner)
		}
		list = list[n:]
	}
	return out, nil
}

// Known answers which of the entities the stream has events about.
func (l *Log) Known(ctx context.Context, stream ids.ID, list []ids.ID) (map[ids.ID]bool, error) {
	wanted := make(map[ids.ID]bool, len(list))
	for _, id := range list {
		wanted[id] = true
	}
	out := map[ids.ID]bool{}
	const page = 1000
	for len(list) > 0 {
		n := min(page, len(list))
		cursor, err := l.commits.Find(ctx, bson.D{{Key: "w", Value: mongodb.Key(stream)}, {Key: "events.e", Value: bson.D{{Key: "$in", Value: mongodb.IDs(list[:n])}}}},
			options.Find().SetProjection(bson.D{{Key: "events.e", Value: 1}}))
		if err != nil {
			return nil, wrap(err, "look entities up")
		}
		var found []document
		if err := cursor.All(ctx, &found); err != nil {
			return nil, wrap(err, "look entities up")
		}
		for d := range found {
			for i := range found[d].Events {
				if id := mongodb.ReadID(found[d].Events[i].Entity); wanted[id] {
					out[id] = true
				}
			}
		}
		list = list[n:]
	}
	return out, nil
}

// Append implements eventlog.Log.
func (l *Log) Append(ctx context.Context, category eventlog.Category, stream ids.ID, expected uint64, events []eventlog.Event) (eventlog.Appended, error) {
	if len(events) == 0 {
		return eventlog.Appended{}, eventlog.ErrEmpty
	}
	at, err := l.appendOnce(ctx, category, stream, expected, events)
	var conflict *eventlog.ConflictError
	if errors.As(err, &conflict) {
		// What came in between may be the same batch, by another.
		same, known, err := l.repeated(ctx, stream, events)
		if err != nil {
			return eventlog.Appended{}, wrap(err, "append")
		}
		if known == len(events) {
			return same, nil
		}
	}
	return at, err
}

func (l *Log) appendOnce(ctx context.Context, category eventlog.Category, stream ids.ID, expected uint64, events []eventlog.Event) (eventlog.Appended, error) {
	at, known, err := l.repeated(ctx, stream, events)
	switch {
	case err != nil:
		return eventlog.Appended{}, wrap(err, "append")
	case known == len(events):
		return at, nil
	case known > 0:
		return eventlog.Appended{}, eventlog.ErrPartlyRepeated
	}
	head, err := l.Head(ctx, stream)
	if err != nil {
		return eventlog.Appended{}, err
	}
	if head != expected {
		return eventlog.Appended{}, &eventlog.ConflictError{Expected: expected, Head: head}
	}
	err = l.Commit(ctx, Batch{Category: category, Stream: stream, Head: expected, Events: events})
	if errors.Is(err, ErrLost) {
		if head, err = l.Head(ctx, stream); err != nil {
			return eventlog.Appended{}, err
		}
		return eventlog.Appended{}, &eventlog.ConflictError{Expected: expected, Head: max(head, expected+1)}
	}
	if err != nil {
		return eventlog.Appended{}, err
	}
	return eventlog.Appended{First: expected + 1, Last: expected + uint64(len(events))}, nil
}

// repeated answers where those events are that the stream holds, and how many they are.
func (l *Log) repeated(ctx context.Context, stream ids.ID, events []eventlog.Event) (at eventlog.Appended, known int, err error) {
	list := make([]ids.ID, 0, len(events))
	wanted := make(map[ids.ID]bool, len(events))
	for i := range events {
		list = append(list, events[i].ID)
		wanted[events[i].ID] = true
	}
	cursor, err := l.commits.Find(ctx, bson.D{{Key: "w", Value: mongodb.Key(stream)}, {Key: "events.id", Value: bson.D{{Key: "$in", Value: mongodb.IDs(list)}}}},
		options.Find().SetProjection(bson.D{{Key: "first", Value: 1}, {Key: "events.id", Value: 1}}))
	if err != nil {
		return at, 0, err
	}
	var found []document
	if err := cursor.All(ctx, &found); err != nil {
		return at, 0, err
	}
	for d := range found {
		for i := range found[d].Events {
			if !wanted[mongodb.ReadID(found[d].Events[i].ID)] {
				continue
			}
			seq := found[d].seq(i)
			if known == 0 || seq < at.First {
				at.First = seq
			}
			at.Last = max(at.Last, seq)
			known++
		}
	}
	at.Repeated = true
	return at, known, nil
}
