package projection

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"headway/internal/notification/state"
	"headway/internal/notification/store"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

// applyFrame folds an event into the workspace's frame.
func (f *fold) applyFrame(e *recorded) error {
	if p, ok := e.payload.(*event.WorkspaceData); ok {
		f.frame = &state.Frame{
			Workspace: f.workspace, Name: p.Name, Version: e.version,
			Members: map[ids.ID]state.Member{}, Projects: map[ids.ID]state.Project{}, Invitations: map[ids.ID]ids.ID{},
		}
		f.own = true
		return nil
	}
	if f.frame == nil {
		return fmt.Errorf("notification: %s at seq %d of a workspace that was not created", e.typ, e.Seq)
	}
	f.ownFrame()
	f.frame.Version = e.version
	switch p := e.payload.(type) {
	case *event.WorkspacePatch:
		set(&f.frame.Name, p.Name)
	case *event.MemberData:
		f.member(e, p)
	case *event.MemberPatch:
		f.memberChanged(e, p)
	case *event.InvitationData:
		if e.typ == event.InvitationCreated {
			f.frame.Invitations[p.ID] = e.Actor
		} else {
			delete(f.frame.Invitations, p.ID)
		}
	case *event.InvitationUse:
		inviter := f.frame.Invitations[p.ID]
		delete(f.frame.Invitations, p.ID)
		f.tell(e, state.Notice{User: inviter, About: f.workspace, Kind: state.Joined, Actor: p.User})
	case *event.ProjectData:
		f.frame.Projects[e.Entity] = state.Project{Name: p.Name, Key: p.Key, State: p.State}
	case *event.ProjectPatch:
		f.project(e, p)
	default:
		return fmt.Errorf("notification: %s at seq %d with a %T", e.typ, e.Seq, e.payload)
	}
	return nil
}

// ownFrame copies the frame once, since others may hold it.
func (f *fold) ownFrame() {
	if f.own {
		return
	}
	next := *f.frame
	next.Members, next.Projects, next.Invitations = copied(next.Members), copied(next.Projects), copied(next.Invitations)
	f.frame, f.own = &next, true
}

func copied[V any](in map[ids.ID]V) map[ids.ID]V {
	if in == nil {
		return map[ids.ID]V{}
	}
	return maps.Clone(in)
}

func (f *fold) member(e *recorded, p *event.MemberData) {
	switch {
	case p.Kind != event.Person:
	case e.typ == event.MemberAdded:
		f.frame.Members[p.User] = state.Member{Role: p.Role, Projects: p.Projects}
	default:
		delete(f.frame.Members, p.User)
		f.hide(e, store.Match{User: p.User})
	}
}

func (f *fold) memberChanged(e *recorded, p *event.MemberPatch) {
	m, ok := f.frame.Members[p.User]
	if !ok {
		return // a placeholder
	}
	set(&m.Role, p.Role)
	set(&m.Projects, p.Projects)
	f.frame.Members[p.User] = m
	if m.Role == event.Guest {
		f.hide(e, store.Match{User: p.User, Outside: append([]ids.ID{}, m.Projects...)})
	}
}

func (f *fold) project(e *recorded, p *event.ProjectPatch) {
	was := f.frame.Projects[e.Entity]
	next := was
	set(&next.Name, p.Name)
	set(&next.Key, p.Key)
	set(&next.State, p.State)
	f.frame.Projects[e.Entity] = next
	if (next.State == event.Trashed) == (was.State == event.Trashed) {
		return
	}
	for _, user := range slices.SortedFunc(maps.Keys(f.frame.Members), func(a, b ids.ID) int { return bytes.Compare(a[:], b[:]) }) {
		m := store.Match{User: user, Project: e.Entity}
		if next.State == event.Trashed {
			f.turn(e, m, state.Shown, state.WithProject)
		} else {
			f.turn(e, m, state.WithProject, state.Shown)
		}
	}
}
