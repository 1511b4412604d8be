package domain

import (
	"slices"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// Action is something that a role may allow, worded to follow "Your role does not allow you to".
type Action string

// The actions.
const (
	ReadWorkspace     Action = "read this workspace"
	ChangeWorkspace   Action = "change the workspace"
	ManageInvitations Action = "invite people"
	ManageMembers     Action = "manage members"
	ManageOwners      Action = "manage owners"
	Import            Action = "import"
	CreateProject     Action = "create projects"
	ChangeProject     Action = "change projects" // its columns, archiving and taking out of the archive too
	TrashProject      Action = "put projects into the trash or take them out of it"
	ChangeLabels      Action = "change labels"
	ChangeTasks       Action = "change tasks"
	PurgeTasks        Action = "delete tasks for good"
	Comment           Action = "comment"
	RemoveComments    Action = "remove what others wrote"
)

// least is the least role that allows each action. What is not in it is denied.
var least = map[Action]event.Role{
	ReadWorkspace:     event.Guest,
	ChangeWorkspace:   event.Admin,
	ManageInvitations: event.Admin,
	ManageMembers:     event.Admin,
	ManageOwners:      event.Owner,
	Import:            event.Member,
	CreateProject:     event.Member,
	ChangeProject:     event.Member,
	TrashProject:      event.Admin,
	ChangeLabels:      event.Member,
	ChangeTasks:       event.Member,
	PurgeTasks:        event.Admin,
	Comment:           event.Guest,
	RemoveComments:    event.Admin,
}

var rank = map[event.Role]int{event.Guest: 1, event.Member: 2, event.Admin: 3, event.Owner: 4}

// may reports whether a role allows an action. An unknown role or action is not allowed.
func may(r event.Role, a Action) bool {
	need, ok := least[a]
	return ok && rank[r] >= rank[need]
}

// Errors that say no more than a caller may know.
var (
	errNoWorkspace = apperr.New(apperr.NotFound, "There is no such workspace.")
	errNoProject   = apperr.New(apperr.NotFound, "There is no such project.")
	errNoTask      = apperr.New(apperr.NotFound, "There is no such task.")
)

// MemberOf answers the user's membership. For anybody else, and where there is
// no workspace (f is nil), it is NotFound: who is outside learns nothing.
func MemberOf(f *state.Frame, user ids.ID) (*state.Member, error) {
	if f == nil {
		return nil, errNoWorkspace
	}
	m := f.Members[user]
	if m == nil || m.Removed || m.Kind != event.Person {
		return nil, errNoWorkspace
	}
	return m, nil
}

// Allow answers the user's membership where its role allows the action:
// NotFound for who is no member, Forbidden for a lower role.
func Allow(f *state.Frame, user ids.ID, a Action) (*state.Member, error) {
	m, err := MemberOf(f, user)
	if err != nil {
		return nil, err
	}
	if !may(m.Role, a) {
		return nil, forbidden(a)
	}
	return m, nil
}

func forbidden(a Action) error {
	return apperr.New(apperr.Forbidden, "Your role does not allow you to %s.", string(a))
}

// Sees reports whether a member may see a project.
func Sees(m *state.Member, project ids.ID) bool {
	return m.Role != event.Guest || slices.Contains(m.Projects, project)
}

// AllowIn is Allow for something in a project. A project that is not there, or
// that a guest may not see, is NotFound.
func AllowIn(f *state.Frame, user ids.ID, a Action, project ids.ID) (*state.Project, error) {
	m, err := MemberOf(f, user)
	if err != nil {
		return nil, err
	}
	p := f.Projects[project]
	if p == nil || !Sees(m, project) {
		return nil, errNoProject
	}
	if !may(m.Role, a) {
		return nil, forbidden(a)
	}
	return p, nil
}

// AllowOn is AllowIn for a task; t is nil where there is none.
func AllowOn(f *state.Frame, user ids.ID, a Action, t *state.Task) (*state.Project, error) {
	m, err := MemberOf(f, user)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, errNoTask
	}
	p := f.Projects[t.Project]
	if p == nil || !Sees(m, t.Project) {
		return nil, errNoTask
	}
	if !may(m.Role, a) {
		return nil, forbidden(a)
	}
	return p, nil
}

// Writable refuses changes in a project that is put away.
func Writable(p *state.Project) error {
	switch p.State {
	case event.Live:
		return nil
	case event.Trashed:
		return apperr.New(apperr.Conflict, "The project is in the trash. Restore it first.")
	}
	return apperr.New(apperr.Conflict, "The project is archived. Restore it first.")
}

// Editable refuses changes of a task that is in the trash, or whose project is put away.
func Editable(p *state.Project, t *state.Task) error {
	if err := Writable(p); err != nil {
		return err
	}
	if t.State == event.Trashed {
		return apperr.New(apperr.Conflict, "The task is in the trash. Restore it first.")
	}
	return nil
}

// Taken is answered for an id that is in use for something else, wherever that is.
func Taken() error {
	return apperr.New(apperr.Conflict, "That id is taken. Use a new one.")
}
