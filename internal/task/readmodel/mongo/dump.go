package mongo

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/internal/platform/ids"
	"headway/internal/platform/mongodb"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Dump calls line with every row of a workspace, in an order that depends on
// nothing but the rows, so that two stores can be compared row by row. A task
// whose indexed words are not those of its text is an error.
func (s *Store) Dump(ctx context.Context, workspace ids.ID, line func(string) error) error {
	rows, err := find[row](ctx, s.rows, byKinds(workspace, kindHead, kindMoved), options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return wrap(err, "dump")
	}
	d := dumping{texts: map[ids.ID][]string{}}
	for i := range rows {
		if err := d.add(&rows[i]); err != nil {
			return wrap(err, "dump")
		}
	}
	if err := d.words(rows); err != nil {
		return wrap(err, "dump")
	}
	if err := d.memberships(ctx, s, workspace); err != nil {
		return wrap(err, "dump")
	}
	for _, section := range d.sections {
		slices.SortFunc(section, func(a, b dumped) int { return strings.Compare(a.by, b.by) })
		for _, l := range section {
			if err := line(l.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// dumping gathers the lines of each kind of row.
type dumping struct {
	sections [8][]dumped
	texts    map[ids.ID][]string // of tasks, by which search finds them
	members  []ids.ID
}

type dumped struct{ by, text string }

func (d *dumping) put(section int, by, format string, args ...any) {
	d.sections[section] = append(d.sections[section], dumped{by, fmt.Sprintf(format, args...)})
}

// number is the kind's in the lines of all stores.
func number(kind byte) int {
	switch kind {
	case kindTask, kindMoved:
		return 5
	case kindComment:
		return 6
	}
	return int(kind)
}

func (d *dumping) stone(r *row, id ids.ID, moved int) {
	scope := ""
	if s := mongodb.ReadID(r.Scope); !s.IsZero() {
		scope = s.String()
	}
	kind := number(r.kind())
	d.put(4, fmt.Sprintf("%020d %d %s %s", r.Seq, kind, id, scope), "tombstone %d %d %s %s %d", r.Seq, kind, id, scope, moved)
}

func (d *dumping) add(r *row) error {
	id, kind := r.own(), r.kind()
	if r.Gone {
		if r.Seq > 0 {
			d.stone(r, id, 0)
		}
		return nil
	}
	scope, by := mongodb.ReadID(r.Scope), id.String()
	switch kind {
	case kindTask:
		at, err := readTaskPlace(r.Place)
		if err != nil {
			return err
		}
		task, err := readmodel.DecodeTask(r.JSON, r.detail())
		if err != nil {
			return err
		}
		d.texts[id] = append(d.texts[id], task.Title, task.Detail.Description)
		d.put(0, by, "task %s %s %d %s %s %d %s %s", id, scope, r.State, at.Column, at.Position, r.Seq, r.JSON, r.Detail)
	case kindComment:
		var c state.Comment
		if err := json.Unmarshal(r.JSON, &c); err != nil {
			return err
		}
		task := mongodb.ReadID(r.Owner)
		d.texts[task] = append(d.texts[task], c.Text)
		d.put(1, by, "comment %s %s %s %d %d %s", id, task, scope, r.At, r.Seq, r.JSON)
	case kindWorkspace, kindMember, kindProject, kindLabel:
		d.put(2, fmt.Sprint(number(kind), id), "doc %d %s %d %s", number(kind), id, r.Seq, r.JSON)
		if kind == kindMember {
			d.members = append(d.members, id)
		}
	case kindInvitation:
		var inv state.Invitation
		if err := json.Unmarshal(r.JSON, &inv); err != nil {
			return err
		}
		d.put(3, by, "invitation %s %s %s", id, inv.TokenHash, r.JSON)
	case kindMoved:
		d.stone(r, mongodb.ReadID(r.Task), 1)
	case kindProjectHead:
		d.put(5, by, "project %s %d %d", id, r.V, r.Number)
		for column, n := range r.Counts {
			b, err := hex.DecodeString(column)
			if err != nil || len(b) != len(ids.ID{}) {
				return errors.Join(readmodel.ErrRow, err)
			}
			if n != 0 {
				d.put(6, id.String()+ids.ID(b).String(), "count %s %s %d", id, ids.ID(b), n)
			}
		}
	}
	return nil
}

// words compares what is indexed with the texts.
func (d *dumping) words(rows []row) error {
	for i := range rows {
		r := &rows[i]
		if r.kind() != kindTask || r.Gone {
			continue
		}
		got := slices.Clone(r.Words)
		slices.Sort(got)
		if want := sortedWords(d.texts[r.own()]...); !slices.Equal(got, want) {
			return fmt.Errorf("task %s is indexed by %q, its words are %q", r.own(), got, want)
		}
	}
	return nil
}

// memberships reads by which of its members the workspace is found.
func (d *dumping) memberships(ctx context.Context, s *Store, workspace ids.ID) error {
	slices.SortFunc(d.members, func(a, b ids.ID) int { return cmp.Compare(a.String(), b.String()) })
	for _, user := range d.members {
		var m struct {
			In     bool  `bson:"in"`
			Joined int64 `bson:"joined"`
		}
		err := s.members.FindOne(ctx, bson.D{{Key: "u", Value: mongodb.Key(user)}, {Key: "_id", Value: memberID(user, workspace)}}).Decode(&m)
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		if m.In {
			d.put(7, user.String(), "member of %s %d", user, m.Joined)
		}
	}
	return nil
}

// Digest answers a hash of a workspace's rows, that of Dump's lines.
func (s *Store) Digest(ctx context.Context, workspace ids.ID) (string, error) {
	h := sha256.New()
	err := s.Dump(ctx, workspace, func(line string) error {
		_, err := fmt.Fprintln(h, line)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
