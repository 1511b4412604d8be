package state

import (
	"cmp"
	"maps"
	"slices"

	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// Part names a kind of thing in a frame.
type Part string

// The parts. Invitations are in no list that is synced.
const (
	PartWorkspace  Part = "workspace"
	PartMember     Part = "member"
	PartProject    Part = "project"
	PartLabel      Part = "label"
	PartInvitation Part = "invitation"
)

// Touched names what an event changed in the frame.
type Touched struct {
	Part    Part
	ID      ids.ID
	Removed bool
}

// Apply folds one event and answers the frame after it and what it touched; f
// is left as it was, and what the event does not touch is shared. f is nil for
// WorkspaceCreated.
func (f *Frame) Apply(m Meta, p event.Payload) (*Frame, Touched, error) {
	if m.Type == event.WorkspaceCreated {
		d, ok := p.(*event.WorkspaceData)
		switch {
		case !ok:
			return nil, Touched{}, m.unexpected(p)
		case f != nil:
			return nil, Touched{}, m.fault(ErrExists, "the workspace")
		}
		return &Frame{
			Workspace: Workspace{ID: m.Workspace, Name: d.Name, CreatedAt: m.At, CreatedBy: m.Actor, Seq: m.Seq},
			Members:   map[ids.ID]*Member{}, Projects: map[ids.ID]*Project{},
			Labels: map[ids.ID]*Label{}, Invitations: map[ids.ID]*Invitation{},
		}, Touched{Part: PartWorkspace, ID: m.Workspace}, nil
	}
	if f == nil {
		return nil, Touched{}, m.fault(ErrMissing, "the workspace")
	}
	next := *f
	touched, err := next.apply(m, p)
	if err != nil {
		return nil, Touched{}, err
	}
	return &next, touched, nil
}

// apply works on a copy of the frame that is not published yet, whose maps are still shared.
func (f *Frame) apply(m Meta, p event.Payload) (Touched, error) {
	switch p := p.(type) {
	case *event.WorkspacePatch:
		if m.Type != event.WorkspaceChanged {
			return Touched{}, m.unexpected(p)
		}
		set(&f.Workspace.Name, p.Name)
		f.Workspace.Seq = m.Seq
		return Touched{Part: PartWorkspace, ID: f.Workspace.ID}, nil
	case *event.MemberData:
		return f.memberData(m, p)
	case *event.MemberPatch:
		return f.memberPatch(m, p)
	case *event.InvitationData:
		return f.invitationData(m, p)
	case *event.InvitationUse:
		if m.Type != event.InvitationAccepted {
			return Touched{}, m.unexpected(p)
		}
		return f.dropInvitation(m, p.ID)
	case *event.ProjectData, *event.ProjectPatch:
		return f.project(m, p)
	case *event.ColumnData, *event.ColumnPatch:
		return f.column(m, p)
	case *event.LabelData, *event.LabelPatch:
		return f.label(m, p)
	}
	return Touched{}, m.unexpected(p)
}

// with gives a copy of a map with one entry put in.
func with[V any](in map[ids.ID]V, id ids.ID, v V) map[ids.ID]V {
	out := make(map[ids.ID]V, len(in)+1)
	maps.Copy(out, in)
	out[id] = v
	return out
}

// without gives a copy of a map with one entry left out.
func without[V any](in map[ids.ID]V, id ids.ID) map[ids.ID]V {
	out := maps.Clone(in)
	delete(out, id)
	return out
}

func (f *Frame) memberData(m Meta, p *event.MemberData) (Touched, error) {
	was := f.Members[p.User]
	next := &Member{User: p.User, Role: p.Role, Kind: p.Kind, Name: p.Name, RoleSeq: m.Seq, JoinedAt: m.At, Seq: m.Seq}
	switch m.Type {
	case event.MemberAdded:
		if was != nil && !was.Removed {
			return Touched{}, m.fault(ErrExists, "the member")
		}
		next.Projects = list(p.Projects)
		next.Granted = grants(nil, next.Projects, m.Seq)
	case event.MemberRemoved:
		if was == nil || was.Removed {
			return Touched{}, m.fault(ErrMissing, "the member")
		}
		next.JoinedAt, next.Removed = was.JoinedAt, true
	default:
		return Touched{}, m.unexpected(p)
	}
	f.Members = with(f.Members, p.User, next)
	return Touched{Part: PartMember, ID: p.User}, nil
}

func (f *Frame) memberPatch(m Meta, p *event.MemberPatch) (Touched, error) {
	if m.Type != event.MemberChanged {
		return Touched{}, m.unexpected(p)
	}
	was := f.Members[p.User]
	if was == nil || was.Removed {
		return Touched{}, m.fault(ErrMissing, "the member")
	}
	next := *was
	next.Seq = m.Seq
	set(&next.Role, p.Role)
	if p.Projects != nil {
		next.Projects = list(p.Projects.To)
		next.Granted = grants(was.Granted, next.Projects, m.Seq)
		next.Revoked = revocations(was.Revoked, was.Projects, next.Projects, m.Seq)
	}
	if p.Role != nil {
		// Sync starts afresh from here, so earlier comings and goings do not matter.
		next.RoleSeq, next.Granted, next.Revoked = m.Seq, grants(nil, next.Projects, m.Seq), nil
	}
	f.Members = with(f.Members, p.User, &next)
	return Touched{Part: PartMember, ID: p.User}, nil
}

// grants keeps the seqs of the projects that were granted before and gives the others seq.
func grants(was map[ids.ID]uint64, now []ids.ID, seq uint64) map[ids.ID]uint64 {
	if len(now) == 0 {
		return nil
	}
	out := make(map[ids.ID]uint64, len(now))
	for _, p := range now {
		if s, ok := was[p]; ok {
			out[p] = s
		} else {
			out[p] = seq
		}
	}
	return out
}

// revocations adds the projects that went, at seq, and drops those that came back.
func revocations(was map[ids.ID]uint64, before, now []ids.ID, seq uint64) map[ids.ID]uint64 {
	out := maps.Clone(was)
	for _, p := range before {
		if !slices.Contains(now, p) {
			if out == nil {
				out = map[ids.ID]uint64{}
			}
			out[p] = seq
		}
	}
	for _, p := range now {
		delete(out, p)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (f *Frame) invitationData(m Meta, p *event.InvitationData) (Touched, error) {
	switch m.Type {
	case event.InvitationCreated:
		if f.Invitations[p.ID] != nil {
			return Touched{}, m.fault(ErrExists, "the invitation")
		}
		f.Invitations = with(f.Invitations, p.ID, &Invitation{
			ID: p.ID, Role: p.Role, Projects: list(p.Projects), TokenHash: p.TokenHash,
			Expires: p.Expires.UTC(), CreatedBy: m.Actor, CreatedAt: m.At, Seq: m.Seq,
		})
		return Touched{Part: PartInvitation, ID: p.ID}, nil
	case event.InvitationRevoked:
		return f.dropInvitation(m, p.ID)
	}
	return Touched{}, m.unexpected(p)
}

func (f *Frame) dropInvitation(m Meta, id ids.ID) (Touched, error) {
	if f.Invitations[id] == nil {
		return Touched{}, m.fault(ErrMissing, "the invitation")
	}
	f.Invitations = without(f.Invitations, id)
	return Touched{Part: PartInvitation, ID: id, Removed: true}, nil
}

func (f *Frame) project(m Meta, p event.Payload) (Touched, error) {
	was := f.Projects[m.Entity]
	next := &Project{}
	switch p := p.(type) {
	case *event.ProjectData:
		if m.Type != event.ProjectCreated {
			return Touched{}, m.unexpected(p)
		}
		if was != nil {
			return Touched{}, m.fault(ErrExists, "the project")
		}
		next = &Project{
			ID: m.Entity, Name: p.Name, Key: p.Key, Color: p.Color, Description: p.Description,
			Position: p.Position, State: p.State, Columns: sortColumns(slices.Clone(p.Columns)),
			CreatedAt: m.At, CreatedBy: m.Actor,
		}
	case *event.ProjectPatch:
		switch m.Type {
		case event.ProjectChanged, event.ProjectArchived, event.ProjectTrashed, event.ProjectRestored:
		default:
			return Touched{}, m.unexpected(p)
		}
		if was == nil {
			return Touched{}, m.fault(ErrMissing, "the project")
		}
		*next = *was
		set(&next.Name, p.Name)
		set(&next.Key, p.Key)
		set(&next.Color, p.Color)
		set(&next.Description, p.Description)
		set(&next.Position, p.Position)
		set(&next.State, p.State)
	}
	next.Seq = m.Seq
	f.Projects = with(f.Projects, m.Entity, next)
	return Touched{Part: PartProject, ID: m.Entity}, nil
}

func (f *Frame) column(m Meta, p event.Payload) (Touched, error) {
	was := f.Projects[m.Entity]
	if was == nil {
		return Touched{}, m.fault(ErrMissing, "the project")
	}
	next := *was
	next.Seq = m.Seq
	next.Columns = slices.Clone(was.Columns)
	at := func(id ids.ID) int {
		return slices.IndexFunc(next.Columns, func(c event.Column) bool { return c.ID == id })
	}
	switch p := p.(type) {
	case *event.ColumnData:
		i := at(p.Column.ID)
		switch {
		case m.Type == event.ColumnCreated && i < 0:
			next.Columns = append(next.Columns, p.Column)
		case m.Type == event.ColumnCreated:
			return Touched{}, m.fault(ErrExists, "the column")
		case m.Type == event.ColumnRemoved && i >= 0:
			next.Columns = slices.Delete(next.Columns, i, i+1)
		case m.Type == event.ColumnRemoved:
			return Touched{}, m.fault(ErrMissing, "the column")
		default:
			return Touched{}, m.unexpected(p)
		}
	case *event.ColumnPatch:
		if m.Type != event.ColumnChanged {
			return Touched{}, m.unexpected(p)
		}
		i := at(p.ID)
		if i < 0 {
			return Touched{}, m.fault(ErrMissing, "the column")
		}
		set(&next.Columns[i].Name, p.Name)
		set(&next.Columns[i].Category, p.Category)
		set(&next.Columns[i].Position, p.Position)
		set(&next.Columns[i].Limit, p.Limit)
		set(&next.Columns[i].Archived, p.Archived)
	}
	next.Columns = sortColumns(next.Columns)
	f.Projects = with(f.Projects, m.Entity, &next)
	return Touched{Part: PartProject, ID: m.Entity}, nil
}

// sortColumns puts columns in board order: by position, then by id.
func sortColumns(columns []event.Column) []event.Column {
	slices.SortFunc(columns, func(a, b event.Column) int {
		if c := cmp.Compare(a.Position, b.Position); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	return columns
}

func (f *Frame) label(m Meta, p event.Payload) (Touched, error) {
	was := f.Labels[m.Entity]
	touched := Touched{Part: PartLabel, ID: m.Entity}
	switch p := p.(type) {
	case *event.LabelData:
		switch {
		case m.Type == event.LabelCreated && was == nil:
			f.Labels = with(f.Labels, m.Entity, &Label{ID: m.Entity, Name: p.Name, Color: p.Color, Seq: m.Seq})
		case m.Type == event.LabelCreated:
			return Touched{}, m.fault(ErrExists, "the label")
		case m.Type == event.LabelRemoved && was != nil:
			f.Labels = without(f.Labels, m.Entity)
			touched.Removed = true
		case m.Type == event.LabelRemoved:
			return Touched{}, m.fault(ErrMissing, "the label")
		default:
			return Touched{}, m.unexpected(p)
		}
	case *event.LabelPatch:
		if m.Type != event.LabelChanged {
			return Touched{}, m.unexpected(p)
		}
		if was == nil {
			return Touched{}, m.fault(ErrMissing, "the label")
		}
		next := *was
		set(&next.Name, p.Name)
		set(&next.Color, p.Color)
		next.Seq = m.Seq
		f.Labels = with(f.Labels, m.Entity, &next)
	}
	return touched, nil
}

// Column answers a column of the project, nil where there is none.
func (p *Project) Column(id ids.ID) *event.Column {
	for i := range p.Columns {
		if p.Columns[i].ID == id {
			return &p.Columns[i]
		}
	}
	return nil
}
