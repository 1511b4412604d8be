package domain

import (
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
	"headway/internal/task/state"
)

// CheckName checks the name of a workspace or placeholder and answers it as it is recorded.
func CheckName(base, name string) (string, error) {
	f := Faults{base: base}
	name = f.line("name", name, 1, MaxName)
	return name, f.Err()
}

// RenameWorkspace decides on a new name; nil where nothing differs.
func RenameWorkspace(f *state.Frame, name *string) *event.WorkspacePatch {
	if c := differs(f.Workspace.Name, name); c != nil {
		return &event.WorkspacePatch{Name: c}
	}
	return nil
}

// CheckInvitation checks what needs no state.
func CheckInvitation(d *event.InvitationData, now time.Time) error {
	f := Faults{base: "body"}
	f.role("role", d.Role)
	d.Projects = f.grants("projects", d.Role, d.Projects)
	if d.TokenHash == "" {
		f.Add("tokenHash", "must be given")
	}
	if !d.Expires.After(now) {
		f.Add("expires", "must be in the future")
	}
	d.Expires = *Moment(d.Expires)
	return f.Err()
}

// grants checks the projects of a guest; other roles see all and take none.
func (f *Faults) grants(path string, r event.Role, in []ids.ID) []ids.ID {
	out := f.idList(path, in, MaxProjects)
	if len(out) > 0 && r != event.Guest {
		f.Add(path, "is for guests only: the other roles see every project")
	}
	return out
}

// Invite decides on opening a checked invitation.
func Invite(f *state.Frame, user ids.ID, d *event.InvitationData) error {
	if _, err := Allow(f, user, ManageInvitations); err != nil {
		return err
	}
	if d.Role == event.Owner {
		if _, err := Allow(f, user, ManageOwners); err != nil {
			return err
		}
	}
	if len(f.Invitations) >= MaxInvitations {
		return apperr.New(apperr.Conflict, "There are %d open invitations already. Revoke some first.", MaxInvitations)
	}
	return knownProjects(f, d.Projects)
}

func knownProjects(f *state.Frame, projects []ids.ID) error {
	faults := Faults{base: "body"}
	for i, id := range projects {
		if f.Projects[id] == nil {
			faults.Add(at("projects", i), "is not a project of this workspace")
		}
	}
	return faults.Err()
}

// OpenInvitation finds an invitation by its token's hash. One that is unknown,
// used or revoked is NotFound; one that has ended is a Conflict.
func OpenInvitation(f *state.Frame, tokenHash string, now time.Time) (*state.Invitation, error) {
	if f != nil && tokenHash != "" {
		for _, inv := range f.Invitations {
			if inv.TokenHash != tokenHash {
				continue
			}
			if !inv.Expires.After(now) {
				return nil, apperr.New(apperr.Conflict, "The invitation has expired. Ask for a new one.")
			}
			return inv, nil
		}
	}
	return nil, apperr.New(apperr.NotFound, "There is no such invitation, or it was used already.")
}

// Join decides on making a user a member by an invitation. A grant of a
// project that is gone is left out.
func Join(f *state.Frame, user ids.ID, inv *state.Invitation) (*event.MemberData, error) {
	if m := f.Members[user]; m != nil && m.Kind != event.Person {
		return nil, Taken()
	} else if m == nil && len(f.Members) >= MaxMembers {
		return nil, apperr.New(apperr.Conflict, "The workspace has %d members and can take no more.", MaxMembers)
	}
	d := &event.MemberData{User: user, Role: inv.Role, Kind: event.Person}
	for _, p := range inv.Projects {
		if f.Projects[p] != nil {
			d.Projects = append(d.Projects, p)
		}
	}
	return d, nil
}

// CheckMemberChange checks what needs no state.
func CheckMemberChange(role *event.Role, projects *[]ids.ID) error {
	f := Faults{base: "body"}
	if role != nil {
		f.role("role", *role)
	}
	if projects != nil {
		*projects = f.idList("projects", *projects, MaxProjects)
	}
	return f.Err()
}

// ChangeMember decides on a member's role and, for a guest, projects; nil where
// nothing differs. A member who stops being a guest loses the list of projects.
func ChangeMember(f *state.Frame, user ids.ID, m *state.Member, role *event.Role, projects *[]ids.ID) (*event.MemberPatch, error) {
	if err := overMember(f, user, m, ManageMembers); err != nil {
		return nil, err
	}
	if m.Kind != event.Person {
		return nil, apperr.New(apperr.Conflict, "A placeholder has no access that could be changed.")
	}
	p := &event.MemberPatch{User: m.User, Role: differs(m.Role, role)}
	after := m.Role
	if p.Role != nil {
		after = p.Role.To
		if after == event.Owner {
			if _, err := Allow(f, user, ManageOwners); err != nil {
				return nil, err
			}
		}
		if err := keepsOwner(f, m); err != nil {
			return nil, err
		}
	}
	want := m.Projects
	if projects != nil {
		want = *projects
	}
	if after != event.Guest {
		if projects != nil && len(*projects) > 0 {
			return nil, apperr.InvalidField("body.projects", "is for guests only: the other roles see every project")
		}
		want = nil
	}
	if !sameIDs(m.Projects, want) {
		if err := knownProjects(f, want); err != nil {
			return nil, err
		}
		p.Projects = &event.Change[[]ids.ID]{From: m.Projects, To: want}
	}
	if p.Role == nil && p.Projects == nil {
		return nil, nil
	}
	return p, nil
}

// overMember asks whether the user may manage a member: owners are managed by owners only.
func overMember(f *state.Frame, user ids.ID, m *state.Member, a Action) error {
	if _, err := Allow(f, user, a); err != nil {
		return err
	}
	if m.Role == event.Owner {
		_, err := Allow(f, user, ManageOwners)
		return err
	}
	return nil
}

// keepsOwner refuses to take the last owner away.
func keepsOwner(f *state.Frame, leaving *state.Member) error {
	if leaving.Role != event.Owner {
		return nil
	}
	for _, m := range f.Members {
		if m.User != leaving.User && m.Role == event.Owner && !m.Removed && m.Kind == event.Person {
			return nil
		}
	}
	return apperr.New(apperr.Conflict, "A workspace needs an owner. Make somebody else an owner first.")
}

// RemoveMember decides on taking somebody out; everybody may take out themselves.
func RemoveMember(f *state.Frame, user ids.ID, m *state.Member) (*event.MemberData, error) {
	if m.User != user {
		if err := overMember(f, user, m, ManageMembers); err != nil {
			return nil, err
		}
	}
	if err := keepsOwner(f, m); err != nil {
		return nil, err
	}
	return &event.MemberData{User: m.User, Role: m.Role, Kind: m.Kind, Name: m.Name, Projects: m.Projects}, nil
}

// MemberNamed answers a member who was not removed, for a user who may read the workspace.
func MemberNamed(f *state.Frame, user, id ids.ID) (*state.Member, error) {
	if _, err := Allow(f, user, ReadWorkspace); err != nil {
		return nil, err
	}
	m := f.Members[id]
	if m == nil || m.Removed {
		return nil, apperr.New(apperr.NotFound, "There is no such member.")
	}
	return m, nil
}

// AddPlaceholder decides on adding a name without an account; nil where it is there.
func AddPlaceholder(f *state.Frame, id ids.ID, name string) (*event.MemberData, error) {
	d := &event.MemberData{User: id, Role: event.Member, Kind: event.Placeholder, Name: name}
	m := f.Members[id]
	switch {
	case m == nil && len(f.Members) >= MaxMembers:
		return nil, apperr.New(apperr.Conflict, "The workspace has %d members and can take no more.", MaxMembers)
	case m == nil || m.Removed && m.Kind == event.Placeholder:
		return d, nil
	case m.Kind == event.Placeholder && m.Name == name:
		return nil, nil
	}
	return nil, Taken()
}
