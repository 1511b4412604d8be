package mongo

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/readmodel"
)

// Changes implements readmodel.Reader. Rows that the viewer may not see count
// for the limit, so that a page costs what its limit says; a page may
// therefore hold few rows, or none, and still not reach upTo.
func (s *Store) Changes(ctx context.Context, workspace ids.ID, since, upTo uint64, access readmodel.Access, limit int) ([]readmodel.Row, uint64, error) {
	head, err := s.reached(ctx, workspace, upTo)
	if err != nil {
		return nil, 0, wrap(err, "list changes")
	}
	upTo = min(upTo, head)
	if since >= upTo {
		return nil, max(since, upTo), nil
	}
	// The rows of one seq are answered together; where they alone are more than the limit, so is the page.
	for n := limit; ; n *= 4 {
		rows, err := s.list(ctx, workspace, bson.D{
			{Key: "w", Value: mongodb.Key(workspace)}, {Key: "seq", Value: bson.D{{Key: "$gt", Value: int64(since)}, {Key: "$lte", Value: int64(upTo)}}}, // #nosec G115 -- seqs
		}, options.Find().SetSort(bson.D{{Key: "seq", Value: 1}}).SetLimit(int64(n)+1).SetBatchSize(int32(min(n, 10_000))+1). // #nosec G115 -- bounded
																	SetProjection(fields("seq", "gone", "scope", "json", "task")))
		if err != nil {
			return nil, 0, wrap(err, "list changes")
		}
		reaches := upTo
		if len(rows) > n {
			reaches = rows[n].seq() - 1
			for len(rows) > 0 && rows[len(rows)-1].seq() > reaches {
				rows = rows[:len(rows)-1]
			}
		}
		if reaches <= since {
			continue
		}
		for len(rows) > limit {
			m := slices.IndexFunc(rows, func(r row) bool { return r.Seq == rows[len(rows)-1].Seq })
			if m == 0 {
				break
			}
			reaches, rows = rows[m].seq()-1, rows[:m]
		}
		out, err := s.visible(ctx, workspace, rows, access)
		return out, reaches, wrap(err, "list changes")
	}
}

// reached answers a seq that the rows have reached: upTo where the process
// knows that they have, else as far as they have got.
func (s *Store) reached(ctx context.Context, workspace ids.ID, upTo uint64) (uint64, error) {
	if ws := s.kept(workspace); ws != nil && ws.reached.Load() >= upTo {
		return upTo, nil
	}
	r, err := s.head(ctx, workspace)
	if err == nil && r.V == 0 {
		err = errNotFound("workspace")
	}
	if err != nil {
		return 0, err
	}
	at := uint64(r.V) // #nosec G115 -- a seq
	s.remember(workspace, at)
	return at, nil
}

// visible answers the rows of a delta as the viewer sees them.
func (s *Store) visible(ctx context.Context, workspace ids.ID, rows []row, access readmodel.Access) ([]readmodel.Row, error) {
	now, err := s.whereMoved(ctx, workspace, rows, access)
	if err != nil {
		return nil, err
	}
	out := make([]readmodel.Row, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		kind := r.kind()
		line := readmodel.Row{Kind: kinds[kind], ID: r.own(), Scope: mongodb.ReadID(r.Scope), Seq: r.seq(), JSON: r.JSON, Removed: r.Gone}
		switch kind {
		case kindProject:
			line.Scope = line.ID
			if r.Gone {
				line.Scope = ids.Nil
			}
		case kindMoved:
			line.ID, line.Removed = mongodb.ReadID(r.Task), true
			if project, there := now[line.ID]; access.All || there && access.Allows(project) {
				continue // it can be seen where it is
			}
		}
		if !access.Allows(line.Scope) {
			continue
		}
		if line.Removed {
			line.JSON = nil
		}
		out = append(out, line)
	}
	return out, nil
}

// whereMoved answers in which projects the tasks are now that left one.
func (s *Store) whereMoved(ctx context.Context, workspace ids.ID, rows []row, access readmodel.Access) (map[ids.ID]ids.ID, error) {
	var keys bson.A
	for i := range rows {
		if rows[i].kind() == kindMoved && !access.All && access.Allows(mongodb.ReadID(rows[i].Scope)) {
			keys = append(keys, rowID(workspace, kindTask, mongodb.ReadID(rows[i].Task)))
		}
	}
	if keys == nil {
		return nil, nil
	}
	found, err := s.list(ctx, workspace, bson.D{{Key: "w", Value: mongodb.Key(workspace)}, {Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
		options.Find().SetProjection(fields("scope", "gone")))
	if err != nil {
		return nil, err
	}
	out := map[ids.ID]ids.ID{}
	for i := range found {
		if !found[i].Gone {
			out[found[i].own()] = mongodb.ReadID(found[i].Scope)
		}
	}
	return out, nil
}

// ProjectRows implements readmodel.Reader: tasks in order of id, each with its comments.
func (s *Store) ProjectRows(ctx context.Context, workspace, projectID ids.ID, after ids.ID, limit int) ([]readmodel.Row, ids.ID, error) {
	for n := limit + 50; ; n *= 4 {
		rows, err := s.list(ctx, workspace, bson.D{
			{Key: "w", Value: mongodb.Key(workspace)}, {Key: "scope", Value: mongodb.ID(projectID)}, {Key: "owner", Value: bson.D{{Key: "$gt", Value: mongodb.ID(after)}}},
		}, options.Find().SetSort(bson.D{{Key: "owner", Value: 1}}).SetLimit(int64(n)).SetBatchSize(int32(min(n, 10_000))). // #nosec G115 -- bounded
																	SetProjection(fields("seq", "json", "owner", "place")))
		if err != nil {
			return nil, ids.Nil, wrap(err, "list a project")
		}
		if len(rows) == 0 {
			_, err := s.projectHead(ctx, workspace, projectID)
			return nil, ids.Nil, wrap(err, "list a project")
		}
		groups := byOwner(rows)
		more := len(rows) == n
		if more { // the last of them may go on
			groups = groups[:len(groups)-1]
			if len(groups) == 0 {
				continue
			}
		}
		var out []readmodel.Row
		for i, group := range groups {
			if len(out) >= limit {
				return out, mongodb.ReadID(groups[i-1][0].Owner), nil
			}
			for k := range group {
				r := group[k]
				out = append(out, readmodel.Row{Kind: kinds[r.kind()], ID: r.own(), Scope: projectID, Seq: r.seq(), JSON: r.JSON})
			}
		}
		if !more {
			return out, ids.Nil, nil
		}
		return out, mongodb.ReadID(groups[len(groups)-1][0].Owner), nil
	}
}
