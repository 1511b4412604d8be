package query

import (
	"bytes"
	"context"
	"slices"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
	"headway/internal/task/state"
)

// Viewer is a member looking at a workspace: the one place that says what
// lists, search, history, sync and the live stream show to whom.
type Viewer struct {
	Workspace ids.ID
	User      ids.ID
	// Frame is the snapshot that the access was read from. It must not be changed.
	Frame  *state.Frame
	Member *state.Member
	// Access is the filter over projects: everything but for guests.
	Access readmodel.Access
	// Class names what the viewer may see: two viewers of one class get the
	// same bytes for the same query at the same seq, but for their own member row.
	Class string
}

// The classes of those who see every project. A guest's class is "g" and the
// granted projects' ids.
const (
	classManager = "a" // owners and admins: all, invitations too
	classMember  = "m"
)

// errNoWorkspace is answered for an unknown workspace and for somebody else's
// alike, so that nobody can find out which ids exist.
func errNoWorkspace() error { return apperr.New(apperr.NotFound, "There is no such workspace.") }

func errNoProject() error { return apperr.New(apperr.NotFound, "There is no such project.") }

func errNoTask() error { return apperr.New(apperr.NotFound, "There is no such task.") }

// Viewer answers who the user is in the workspace, or apperr.NotFound where
// there is no such workspace for them.
func (s *Service) Viewer(ctx context.Context, workspace, user ids.ID) (Viewer, error) {
	frame, err := s.reader.Frame(ctx, workspace)
	if err != nil {
		if apperr.Is(err, apperr.NotFound) {
			return Viewer{}, errNoWorkspace()
		}
		return Viewer{}, err
	}
	return viewerIn(frame, workspace, user)
}

// viewerIn reads a user's access from a frame.
func viewerIn(frame *state.Frame, workspace, user ids.ID) (Viewer, error) {
	if frame == nil {
		return Viewer{}, errNoWorkspace()
	}
	m := frame.Members[user]
	if m == nil || m.Removed || m.Kind != event.Person {
		return Viewer{}, errNoWorkspace()
	}
	v := Viewer{Workspace: workspace, User: user, Frame: frame, Member: m}
	switch m.Role {
	case event.Owner, event.Admin:
		v.Access.All, v.Class = true, classManager
	case event.Member:
		v.Access.All, v.Class = true, classMember
	case event.Guest:
		v.Access.Projects, v.Class = m.Projects, guestClass(m.Projects)
	default: // a role from a later version shows nothing
		return Viewer{}, errNoWorkspace()
	}
	return v, nil
}

// guestClass names a set of projects, in whatever order it is listed.
func guestClass(projects []ids.ID) string {
	byBytes := func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) }
	if !slices.IsSortedFunc(projects, byBytes) {
		projects = slices.Clone(projects)
		slices.SortFunc(projects, byBytes)
	}
	b := make([]byte, 1, 1+len(projects)*len(ids.ID{}))
	b[0] = 'g'
	for _, p := range projects {
		b = append(b, p[:]...)
	}
	return string(b)
}

// Manages reports whether the viewer is an owner or admin.
func (v *Viewer) Manages() bool { return v.Class == classManager }

// Project answers a project that the viewer may see, else apperr.NotFound.
func (v *Viewer) Project(id ids.ID) (*state.Project, error) {
	p := v.Frame.Projects[id]
	if p == nil || !v.Access.Allows(id) {
		return nil, errNoProject()
	}
	return p, nil
}

// SeesRow reports whether a row is shown to the viewer.
func (v *Viewer) SeesRow(r *readmodel.Row) bool {
	if v.Access.All {
		return true
	}
	if r.Kind == readmodel.KindProject {
		return v.Access.Allows(r.ID)
	}
	return v.Access.Allows(r.Scope)
}

// Lost reports whether a row left what the viewer sees with its last change.
func (v *Viewer) Lost(r *readmodel.Row) bool {
	return !v.Access.All && !r.Was.IsZero() && v.Access.Allows(r.Was) && !v.Access.Allows(r.Scope)
}

// SeesEvent reports whether an event is shown to the viewer. Guests see what
// belongs to their projects, labels and the workspace's own name, and of
// memberships their own; invitations are for owners and admins.
func (v *Viewer) SeesEvent(typ event.Type, entity, scope ids.ID) bool {
	switch typ {
	case event.InvitationCreated, event.InvitationAccepted, event.InvitationRevoked:
		return v.Manages()
	case event.MemberAdded, event.MemberChanged, event.MemberRemoved:
		return v.Access.All || entity == v.User
	}
	return v.Access.Allows(scope)
}
