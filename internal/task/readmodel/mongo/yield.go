package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/ids"
)

// Of two processes that commit to one workspace, the one that is nearer to the
// database, or less loaded, may be first every time. So a process that keeps
// losing says so in the workspace's head, with the time that an attempt takes
// it. Whoever commits next cannot move that head on by the usual command,
// looks why, and rests for long enough to let the other in. Where nobody
// loses, this costs nothing.

const (
	// wishFrom is the attempt from which on a process that lost asks to be let in.
	wishFrom = 2
	// maxRest bounds how long a process rests for another.
	maxRest = 3 * time.Second
)

// wish asks the others to let this process in; attempt is how long one takes it.
func (s *Store) wish(ctx context.Context, ws *workspace, attempt time.Duration) {
	update := bson.D{{Key: "$set", Value: bson.D{{Key: "wish", Value: max(attempt.Milliseconds(), 1)}}}}
	// Where this fails the next attempt asks again.
	if _, err := s.rows.UpdateOne(ctx, byID(ws.id, kindHead, ids.Nil), update); err == nil {
		ws.wished = true
	}
}

// grant takes up the wish of another process, if there is one, after a commit.
func (s *Store) grant(ctx context.Context, ws *workspace) {
	head, err := s.one(ctx, byID(ws.id, kindHead, ids.Nil), "wish")
	if err != nil || head == nil || head.Wish == 0 {
		return
	}
	same := append(byID(ws.id, kindHead, ids.Nil), bson.E{Key: "wish", Value: head.Wish})
	// Where this fails the next commit finds the wish again.
	if _, err := s.rows.UpdateOne(ctx, same, bson.D{{Key: "$unset", Value: bson.D{{Key: "wish", Value: ""}}}}); err == nil && !ws.wished {
		ws.rest = min(2*time.Duration(head.Wish)*time.Millisecond, maxRest)
	}
}

// letIn rests for as long as another process has asked for.
func (ws *workspace) letIn() {
	if ws.rest > 0 {
		time.Sleep(ws.rest)
		ws.rest = 0
	}
}
