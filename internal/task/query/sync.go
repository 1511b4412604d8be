package query

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// SyncRequest asks what changed.
type SyncRequest struct {
	// Since is the seq of the answer before; 0 asks for everything.
	Since uint64
	// Cursor is the next value of the page before, where that said more; it
	// takes the place of Since.
	Cursor string
	// Limit is about how many rows the answer holds, 1 to 1,000.
	Limit int
}

// syncPlace is where a client stands between two pages of one sync.
//
// Rows are known up to at. base is the head as of which the client's access
// was last reckoned with: a role changed after it starts afresh, a project
// granted after it comes whole, one revoked after it goes. (Reckoning by at
// would never end for somebody who joined a workspace with many rows.)
type syncPlace struct {
	base, at uint64
	// fill are granted projects still to come whole; after is how far the first of them got.
	fill  []ids.ID
	after ids.ID
}

func (p *syncPlace) cursor() string {
	c := startPlace(cursorSync).putUint(p.base).putUint(p.at).putID(p.after)
	for _, id := range p.fill {
		c.putID(id)
	}
	return c.String()
}

func openSync(req SyncRequest) (syncPlace, error) {
	if req.Cursor == "" {
		return syncPlace{base: req.Since, at: req.Since}, nil
	}
	c, err := openPlace(cursorSync, req.Cursor)
	if err != nil {
		return syncPlace{}, err
	}
	p := syncPlace{base: c.uint(), at: c.uint(), after: c.id()}
	for len(c.b) > 0 && !c.bad {
		p.fill = append(p.fill, c.id())
	}
	return p, c.done()
}

// Sync answers what changed in a workspace for a user: rows as they are now
// and what is gone. Folding the pages of a sync into a copy, the removals of
// a page before its rows, keeps the copy equal to what the user may see.
func (s *Service) Sync(ctx context.Context, workspace, user ids.ID, req SyncRequest) ([]byte, error) {
	// The head is read before the access, so that an access that changes in
	// between is seen now and again next time, never lost.
	head, err := s.reader.Seq(ctx, workspace)
	if err != nil {
		if apperr.Is(err, apperr.NotFound) {
			return nil, errNoWorkspace()
		}
		return nil, err
	}
	v, err := s.Viewer(ctx, workspace, user)
	if err != nil {
		return nil, err
	}
	p, err := openSync(req)
	if err != nil {
		return nil, err
	}
	d := delta{viewer: &v}
	since, fresh := p.at, false
	if p.base == 0 || p.base > head || p.at > head || v.Member.RoleSeq > p.base {
		since, fresh = 0, true
		p = syncPlace{base: head}
	} else {
		d.regain(&p, head)
	}
	// Members who see everything get the same delta, many of them after the same change.
	var key []byte
	if v.Access.All && !fresh && s.pages != nil {
		key = syncKey(workspace, p.at, head, req.Limit)
		if body, ok := s.kept(ctx, key); ok {
			return body, nil
		}
	}
	if err := s.fill(ctx, &v, &p, &d, req.Limit); err != nil {
		return nil, err
	}
	if left := req.Limit - len(d.rows); len(p.fill) == 0 && p.at < head && left > 0 {
		rows, reaches, err := s.reader.Changes(ctx, workspace, p.at, head, v.Access, left)
		if err != nil {
			return nil, err
		}
		first := p.at == 0
		for i := range rows {
			if first && rows[i].Removed {
				continue // a client that starts afresh has nothing to remove
			}
			d.add(&rows[i])
		}
		p.at = reaches
	}
	more := len(p.fill) > 0 || p.at < head
	next := ""
	if more {
		next = p.cursor()
	}
	b := make([]byte, 0, d.size()+160)
	b = append(b, `{"since":`...)
	b = strconv.AppendUint(b, since, 10)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, p.at, 10)
	b = append(b, `,"more":`...)
	b = strconv.AppendBool(b, more)
	b = append(b, `,"next":`...)
	b = appendNext(b, next)
	b = append(b, `,"fresh":`...)
	b = strconv.AppendBool(b, fresh)
	b, err = d.appendTo(b)
	if err != nil {
		return nil, err
	}
	b = append(b, '}')
	if key != nil {
		s.keep(ctx, key, b)
	}
	return b, nil
}

// syncKey names the delta between two seqs for whoever sees everything.
func syncKey(workspace ids.ID, since, head uint64, limit int) []byte {
	b := append(make([]byte, 0, 48), 'y')
	b = append(b, workspace[:]...)
	b = binary.AppendUvarint(b, since)
	b = binary.AppendUvarint(b, head)
	return binary.AppendUvarint(b, uint64(limit)) // #nosec G115 -- 1 to 1,000
}

// regain reckons with what a guest gained and lost since the place's base.
func (d *delta) regain(p *syncPlace, head uint64) {
	v := d.viewer
	if v.Access.All {
		p.base, p.fill, p.after = head, nil, ids.Nil
		return
	}
	p.fill = slices.DeleteFunc(p.fill, func(id ids.ID) bool { return !v.Access.Allows(id) })
	for _, id := range v.Access.Projects {
		if v.Member.Granted[id] > p.base && !slices.Contains(p.fill, id) {
			p.fill = append(p.fill, id)
		}
	}
	lost := make([]ids.ID, 0, len(v.Member.Revoked))
	for id, seq := range v.Member.Revoked {
		if seq > p.base && !v.Access.Allows(id) {
			lost = append(lost, id)
		}
	}
	slices.SortFunc(lost, compareIDs)
	for _, id := range lost {
		d.removed = append(d.removed, removal{kind: readmodel.KindProject, id: id, scope: id})
	}
	p.base = head
}

// fill adds the rows of granted projects until limit rows are there.
func (s *Service) fill(ctx context.Context, v *Viewer, p *syncPlace, d *delta, limit int) error {
	for len(p.fill) > 0 && len(d.rows) < limit {
		id := p.fill[0]
		if p.after.IsZero() {
			project := v.Frame.Projects[id]
			if project == nil {
				p.fill = p.fill[1:]
				continue
			}
			row, err := encode(project)
			if err != nil {
				return err
			}
			d.add(&readmodel.Row{Kind: readmodel.KindProject, ID: id, Scope: id, Seq: project.Seq, JSON: row})
		}
		rows, next, err := s.reader.ProjectRows(ctx, v.Workspace, id, p.after, max(limit-len(d.rows), 1))
		if err != nil {
			return err
		}
		for i := range rows {
			d.add(&rows[i])
		}
		p.after = next
		if next.IsZero() {
			p.fill = p.fill[1:]
		}
	}
	return nil
}

// delta gathers the rows of one answer, as sync and the live stream send them.
type delta struct {
	viewer  *Viewer
	rows    []*readmodel.Row
	removed []removal
}

type removal struct {
	kind      readmodel.Kind
	id, scope ids.ID
}

// add takes a row that changed, through the access filter.
func (d *delta) add(r *readmodel.Row) {
	switch {
	case d.viewer.Lost(r):
		d.removed = append(d.removed, removal{kind: r.Kind, id: r.ID, scope: r.Was})
	case !d.viewer.SeesRow(r):
	case r.Removed:
		d.removed = append(d.removed, removal{kind: r.Kind, id: r.ID, scope: r.Scope})
	default:
		d.rows = append(d.rows, r)
	}
}

func (d *delta) empty() bool { return len(d.rows) == 0 && len(d.removed) == 0 }

func (d *delta) size() int {
	n := 160 + len(d.removed)*128
	for _, r := range d.rows {
		n += len(r.JSON) + 1
	}
	return n
}

// lists names the members that hold each kind of row, in the order in which they are sent.
var lists = [...]struct {
	kind readmodel.Kind
	open string
}{
	{readmodel.KindMember, `,"members":[`},
	{readmodel.KindProject, `],"projects":[`},
	{readmodel.KindLabel, `],"labels":[`},
	{readmodel.KindTask, `],"tasks":[`},
	{readmodel.KindComment, `],"comments":[`},
}

// appendTo appends `,"workspace":…,"members":[…],…,"removed":[…]`.
func (d *delta) appendTo(b []byte) ([]byte, error) {
	workspace := []byte("null")
	for _, r := range d.rows {
		if r.Kind == readmodel.KindWorkspace {
			workspace = r.JSON
		}
	}
	b = append(b, `,"workspace":`...)
	b = append(b, workspace...)
	for _, l := range lists {
		b = append(b, l.open...)
		first := true
		for _, r := range d.rows {
			if r.Kind != l.kind {
				continue
			}
			row := r.JSON
			if l.kind == readmodel.KindMember && !d.viewer.Access.All && r.ID != d.viewer.User {
				var err error
				if row, err = d.viewer.memberRow(r); err != nil {
					return nil, err
				}
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(b, row...)
		}
	}
	b = append(b, `],"removed":[`...)
	for i := range d.removed {
		r := &d.removed[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"kind":"`...)
		b = append(b, r.kind...)
		b = append(b, `","id":"`...)
		b = r.id.AppendTo(b)
		b = append(b, `","scope":"`...)
		if !r.scope.IsZero() {
			b = r.scope.AppendTo(b)
		}
		b = append(b, `"}`...)
	}
	return append(b, ']'), nil
}

// memberRow answers another member's row as a guest may see it.
func (v *Viewer) memberRow(r *readmodel.Row) ([]byte, error) {
	var m state.Member
	if err := json.Unmarshal(r.JSON, &m); err != nil {
		return nil, apperr.Wrap(err, "a member's row does not decode")
	}
	return encode(v.member(&m))
}
