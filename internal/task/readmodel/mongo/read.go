package mongo

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// head answers how far the rows of a workspace have got, 0 where there is none.
func (s *Store) head(ctx context.Context, id ids.ID) (*row, error) {
	r, err := s.headRow(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return &row{}, nil
	case r.Building != "":
		return nil, errRebuilding()
	}
	return r, nil
}

// Seq implements readmodel.Reader. Where the context asks for a seq that the
// rows have not reached, it looks whether the log has, and writes them.
func (s *Store) Seq(ctx context.Context, id ids.ID) (uint64, error) {
	r, err := s.head(ctx, id)
	if err != nil {
		return 0, wrap(err, "read a seq")
	}
	at := uint64(r.V) // #nosec G115 -- a seq
	if at < readmodel.MinSeq(ctx) {
		at, err = s.catchUp(ctx, id, readmodel.MinSeq(ctx))
	}
	if err != nil {
		return 0, wrap(err, "read a seq")
	}
	s.remember(id, at)
	return at, nil
}

// exists answers apperr.NotFound for a workspace that is not there.
func (s *Store) exists(ctx context.Context, id ids.ID) error {
	if ws := s.kept(id); ws != nil && ws.shown.Load() != nil {
		return nil
	}
	r, err := s.head(ctx, id)
	if err == nil && r.V == 0 {
		return errNotFound("workspace")
	}
	return err
}

// projectHead answers a project's counts and seq, else apperr.NotFound.
func (s *Store) projectHead(ctx context.Context, id, projectID ids.ID) (project, error) {
	r, err := s.row(ctx, id, kindProjectHead, projectID)
	if err != nil {
		return project{}, err
	}
	if r == nil {
		if err := s.exists(ctx, id); err != nil {
			return project{}, err
		}
		return project{}, errNotFound("project")
	}
	return readProject(r)
}

// ProjectSeq implements readmodel.Reader.
func (s *Store) ProjectSeq(ctx context.Context, id, projectID ids.ID) (uint64, error) {
	p, err := s.projectHead(ctx, id, projectID)
	return p.seq, wrap(err, "read a seq")
}

// Counts implements readmodel.Reader.
func (s *Store) Counts(ctx context.Context, id, projectID ids.ID) (readmodel.Counts, error) {
	p, err := s.projectHead(ctx, id, projectID)
	if err != nil {
		return nil, wrap(err, "count tasks")
	}
	out := readmodel.Counts{}
	for column, n := range p.counts {
		if n != 0 {
			out[column] = n
		}
	}
	return out, nil
}

// Frame implements readmodel.Reader: from memory, where it has not changed since.
func (s *Store) Frame(ctx context.Context, id ids.ID) (*state.Frame, error) {
	ws := s.kept(id)
	if ws != nil {
		if known := ws.shown.Load(); known != nil {
			r, err := s.head(ctx, id)
			if err != nil {
				return nil, wrap(err, "read a frame")
			}
			if uint64(r.Frame) <= known.seq { // #nosec G115 -- a seq
				return known.frame, nil
			}
		}
	}
	im, err := s.image(ctx, id)
	if err != nil {
		return nil, wrap(err, "read a frame")
	}
	if im.frame == nil {
		return nil, errNotFound("workspace")
	}
	if ws == nil {
		ws = s.hold(id)
	}
	ws.shown.Store(&shown{im.frameSeq, im.frame})
	return im.frame, nil
}

// WorkspacesOf implements readmodel.Reader.
func (s *Store) WorkspacesOf(ctx context.Context, user ids.ID) ([]state.Workspace, error) {
	type member struct {
		Workspace string `bson:"w"`
	}
	in, err := find[member](ctx, s.members, bson.D{{Key: "u", Value: mongodb.Key(user)}, {Key: "in", Value: true}},
		options.Find().SetSort(bson.D{{Key: "joined", Value: 1}, {Key: "w", Value: 1}}).SetProjection(fields("w")))
	if err != nil || len(in) == 0 {
		return nil, wrap(err, "list workspaces")
	}
	var list, keys bson.A
	for _, m := range in {
		id := mongodb.ReadKey(m.Workspace)
		list, keys = append(list, m.Workspace), append(keys, rowID(id, kindWorkspace, id))
	}
	rows, err := find[row](ctx, s.rows, bson.D{{Key: "w", Value: bson.D{{Key: "$in", Value: list}}}, {Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
		options.Find().SetProjection(fields("json")))
	if err != nil {
		return nil, wrap(err, "list workspaces")
	}
	found := map[ids.ID]*state.Workspace{}
	for i := range rows {
		if err := into(rows[i].JSON, found, func(w *state.Workspace) ids.ID { return w.ID }); err != nil {
			return nil, wrap(err, "list workspaces")
		}
	}
	var out []state.Workspace
	for _, m := range in {
		if w := found[mongodb.ReadKey(m.Workspace)]; w != nil {
			out = append(out, *w)
		}
	}
	return out, nil
}

// InvitationWorkspace implements readmodel.Reader.
func (s *Store) InvitationWorkspace(ctx context.Context, tokenHash string) (ids.ID, error) {
	var at struct {
		Workspace  string `bson:"w"`
		Invitation string `bson:"invitation"`
	}
	err := s.invitations.FindOne(ctx, bson.D{{Key: "_id", Value: tokenHash}}).Decode(&at)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return ids.Nil, errNotFound("invitation")
	}
	if err != nil {
		return ids.Nil, wrap(err, "look an invitation up")
	}
	workspace := mongodb.ReadKey(at.Workspace)
	r, err := s.one(ctx, byID(workspace, kindInvitation, mongodb.ReadKey(at.Invitation)), "gone")
	if err != nil {
		return ids.Nil, wrap(err, "look an invitation up")
	}
	if r == nil || r.Gone {
		return ids.Nil, errNotFound("invitation")
	}
	return workspace, nil
}

// Task implements readmodel.Reader.
func (s *Store) Task(ctx context.Context, workspace, id ids.ID) (readmodel.TaskRow, error) {
	r, err := s.row(ctx, workspace, kindTask, id, "seq", "gone", "scope", "state", "json", "detail")
	if err != nil {
		return readmodel.TaskRow{}, wrap(err, "read a task")
	}
	if r == nil || r.Gone {
		return readmodel.TaskRow{}, errNotFound("task")
	}
	if r.State < 0 || int(r.State) >= len(lifecycles) {
		return readmodel.TaskRow{}, wrap(readmodel.ErrRow, "read a task")
	}
	return readmodel.TaskRow{Project: mongodb.ReadID(r.Scope), State: lifecycles[r.State], Seq: r.seq(), Card: r.JSON, Detail: r.detail()}, nil
}

// Tasks implements readmodel.Reader.
func (s *Store) Tasks(ctx context.Context, workspace ids.ID, q readmodel.TaskQuery) (page readmodel.Page, err error) {
	n, err := lifecycleNumber(q.State)
	if err != nil {
		return page, err
	}
	after := ""
	if q.After != (readmodel.TaskCursor{}) && (q.Column.IsZero() || q.After.Column == q.Column) {
		after = taskPlace(q.Project, n, q.After)
	}
	rows, err := s.list(ctx, workspace, within(workspace, columnPlace(q.Project, n, q.Column), after),
		options.Find().SetSort(bson.D{{Key: "place", Value: 1}}).SetLimit(int64(q.Limit)+1).SetBatchSize(int32(q.Limit)+1).SetProjection(fields("json", "place"))) // #nosec G115 -- 1 to 500
	if err != nil {
		return page, wrap(err, "list tasks")
	}
	if len(rows) == 0 {
		_, err := s.projectHead(ctx, workspace, q.Project)
		return page, wrap(err, "list tasks")
	}
	for i := range rows {
		if i == q.Limit {
			next, err := readTaskPlace(rows[i-1].Place)
			if err != nil {
				return page, wrap(err, "list tasks")
			}
			page.Next = &next
			break
		}
		page.Rows = append(page.Rows, rows[i].JSON)
	}
	return page, nil
}

// Comments implements readmodel.Reader.
func (s *Store) Comments(ctx context.Context, workspace, task ids.ID, after readmodel.CommentCursor, limit int) (out [][]byte, next *readmodel.CommentCursor, err error) {
	from := ""
	if after != (readmodel.CommentCursor{}) {
		from = commentPlace(task, after)
	}
	rows, err := s.list(ctx, workspace, within(workspace, commentsPlace(task), from),
		options.Find().SetSort(bson.D{{Key: "place", Value: 1}}).SetLimit(int64(limit)+1).SetProjection(fields("json", "at")))
	if err != nil {
		return nil, nil, wrap(err, "list comments")
	}
	if len(rows) == 0 {
		r, err := s.row(ctx, workspace, kindTask, task, "gone")
		if err == nil && (r == nil || r.Gone) {
			err = errNotFound("task")
		}
		return nil, nil, wrap(err, "list comments")
	}
	for i := range rows {
		if i == limit {
			next = &readmodel.CommentCursor{At: rows[i-1].At, ID: rows[i-1].own()}
			break
		}
		out = append(out, rows[i].JSON)
	}
	return out, next, nil
}

// liveComments answers which of the ids are comments that were not removed.
func (s *Store) liveComments(ctx context.Context, workspace ids.ID, list []ids.ID) (map[ids.ID]bool, error) {
	out := map[ids.ID]bool{}
	for part := range slices.Chunk(list, 1000) {
		var keys bson.A
		for _, id := range part {
			keys = append(keys, rowID(workspace, kindComment, id))
		}
		rows, err := find[row](ctx, s.rows, bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
			options.Find().SetProjection(fields("gone")))
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if !rows[i].Gone {
				out[rows[i].own()] = true
			}
		}
	}
	return out, nil
}

// Shelf implements readmodel.Reader.
func (s *Store) Shelf(ctx context.Context, workspace ids.ID, l event.Lifecycle, access readmodel.Access, after readmodel.SearchCursor, limit int) ([][]byte, *readmodel.SearchCursor, error) {
	n, err := lifecycleNumber(l)
	if err != nil || n == 0 {
		return nil, nil, wrap(err, "list a shelf")
	}
	return s.newest(ctx, workspace, bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "shelf", Value: n}}, access, after, limit)
}

// Search implements readmodel.Reader. The index finds the longest word; the
// tasks that hold it are held to the others.
func (s *Store) Search(ctx context.Context, workspace ids.ID, query []string, access readmodel.Access, after readmodel.SearchCursor, limit int) ([][]byte, *readmodel.SearchCursor, error) {
	if len(query) == 0 {
		return nil, nil, wrap(s.exists(ctx, workspace), "search")
	}
	query = slices.Clone(query)
	slices.SortStableFunc(query, func(a, b string) int { return len(b) - len(a) })
	filter := bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "words", Value: beginning(query[0])}}
	var rest bson.A
	for _, word := range query[1:] {
		rest = append(rest, bson.D{{Key: "words", Value: beginning(word)}})
	}
	if rest != nil {
		filter = append(filter, bson.E{Key: "$and", Value: rest})
	}
	return s.newest(ctx, workspace, append(filter, bson.E{Key: "state", Value: int32(0)}), access, after, limit)
}

// beginning asks for words that begin so. An expression of this form is a
// range of the index; one of $gte and $lt would, of a list, be met by two
// different words.
func beginning(word string) bson.D {
	return bson.D{{Key: "$regex", Value: "^" + regexp.QuoteMeta(word)}}
}

// newest answers a page of cards, newest change first. No two tasks have the
// same seq, so that it alone says where a page ended.
func (s *Store) newest(ctx context.Context, workspace ids.ID, filter bson.D, access readmodel.Access, after readmodel.SearchCursor, limit int) (out [][]byte, next *readmodel.SearchCursor, err error) {
	if after.Seq > 0 {
		filter = append(filter, bson.E{Key: "seq", Value: bson.D{{Key: "$lt", Value: int64(min(after.Seq, 1<<62))}}}) // #nosec G115 -- bounded
	}
	if !access.All {
		filter = append(filter, bson.E{Key: "scope", Value: bson.D{{Key: "$in", Value: mongodb.IDs(access.Projects)}}})
	}
	rows, err := s.list(ctx, workspace, filter,
		options.Find().SetSort(bson.D{{Key: "seq", Value: -1}}).SetLimit(int64(limit)+1).SetProjection(fields("json", "seq")))
	if err != nil {
		return nil, nil, wrap(err, "list tasks")
	}
	if len(rows) == 0 {
		return nil, nil, wrap(s.exists(ctx, workspace), "list tasks")
	}
	for i := range rows {
		if i == limit {
			next = &readmodel.SearchCursor{Seq: rows[i-1].seq(), ID: rows[i-1].own()}
			break
		}
		out = append(out, rows[i].JSON)
	}
	return out, next, nil
}
