package notification_test

import (
	"testing"
	"time"

	"headway/internal/notification/state"
	"headway/internal/platform/ids"
	"headway/internal/task/event"
)

func TestAssignments(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{ann, bob, id(99)} })
		w.want("by oneself", ann)
		w.want("by another", bob, state.Assigned)
		w.want("no member", id(99))
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Assignees: change([]ids.ID{ann, bob}, []ids.ID{cal, gus})})
		w.want("unassigned", bob)
		w.want("assigned", cal, state.Assigned)
		w.want("a guest of the project", gus, state.Assigned)
		w.record(bob, event.TaskChanged, task, &event.TaskPatch{Assignees: change([]ids.ID{cal, gus}, []ids.ID{bob, cal, gus})})
		w.want("one's own act", bob)
		w.create(second, func(d *event.TaskData) { d.Project, d.Assignees = other, []ids.ID{gus, bob} })
		w.want("a guest of another project", gus, state.Assigned)
		w.want("in another project", bob, state.Assigned)
	})
}

func TestMentions(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		m := func(list ...ids.ID) (text string) {
			for _, u := range list {
				text += " " + event.Mention(u, "whatever")
			}
			return text
		}
		w.create(task, func(d *event.TaskData) { d.Description = m(ann, bob) })
		w.want("of oneself", ann)
		w.want("in a description", bob, state.Mentioned)
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Description: change(m(ann, bob), m(bob, cal))})
		w.want("who stays mentioned is not told again", bob, state.Mentioned)
		w.want("who is mentioned now", cal, state.Mentioned)
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Description: change(m(bob, cal), "")})
		w.want("not any more", bob)

		comment := event.Comment{ID: id(30), Text: "What do you say," + m(bob, gus) + "?", Author: cal, At: w.clock.Now()}
		w.record(cal, event.CommentAdded, task, &event.CommentData{Comment: comment})
		w.want("in a comment", bob, state.Mentioned)
		w.want("the creator", ann, state.Commented)
		w.want("the author", cal)
		w.want("a guest", gus, state.Mentioned)
		w.record(cal, event.CommentChanged, task, &event.CommentPatch{ID: comment.ID, Text: change(comment.Text, m(gus))})
		w.want("changed", bob)
		w.want("still there", gus, state.Mentioned)
		w.record(cal, event.CommentRemoved, task, &event.CommentData{Comment: comment})
		w.want("removed", ann)
		w.want("removed", gus)
	})
}

func TestComments(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		comment := event.Comment{ID: id(30), Text: "Done?", Author: ann, At: w.clock.Now()}
		w.record(ann, event.CommentAdded, task, &event.CommentData{Comment: comment})
		w.want("assigned", bob, state.Assigned, state.Commented)
		w.want("the author", ann)
		w.want("nobody else", cal)
	})
}

func TestTrash(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob} })
		w.create(second, func(d *event.TaskData) { d.Project, d.Assignees = other, []ids.ID{bob} })
		w.want("before", bob, state.Assigned, state.Assigned)
		w.record(ann, event.TaskTrashed, task, &event.TaskPatch{State: change(event.Live, event.Trashed)})
		w.want("a task in the trash", bob, state.Assigned)
		w.record(ann, event.ProjectTrashed, other, &event.ProjectPatch{State: change(event.Live, event.Trashed)})
		w.want("a project in the trash", bob)
		w.record(ann, event.ProjectRestored, other, &event.ProjectPatch{State: change(event.Trashed, event.Live)})
		w.want("the project is back", bob, state.Assigned)
		w.record(ann, event.TaskRestored, task, &event.TaskPatch{State: change(event.Trashed, event.Live)})
		w.want("the task is back", bob, state.Assigned, state.Assigned)
		w.record(ann, event.TaskTrashed, task, &event.TaskPatch{State: change(event.Live, event.Trashed)})
		w.record(ann, event.TaskPurged, task, &event.TaskGone{Project: project})
		w.want("the task is gone", bob, state.Assigned)
	})
}

func TestAccess(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees = []ids.ID{bob, gus} })
		w.want("before", gus, state.Assigned)
		w.record(ann, event.MemberChanged, gus, &event.MemberPatch{User: gus, Projects: change([]ids.ID{project}, []ids.ID{other})})
		w.want("a guest without the project", gus)
		w.record(ann, event.MemberChanged, bob, &event.MemberPatch{User: bob, Role: change(event.Member, event.Guest), Projects: to([]ids.ID{project})})
		w.want("a member who is a guest now", bob, state.Assigned)
		w.record(ann, event.TaskMoved, task, &event.TaskPatch{Project: change(project, other)})
		w.want("the task has left the guest's project", bob)
		w.record(ann, event.MemberChanged, bob, &event.MemberPatch{User: bob, Role: change(event.Guest, event.Member)})
		w.want("access that comes back brings nothing back", bob)
		w.record(ann, event.CommentAdded, task, &event.CommentData{Comment: event.Comment{ID: id(30), Text: "x", Author: ann, At: w.clock.Now()}})
		w.want("heard of again", bob, state.Commented)
		w.record(ann, event.MemberRemoved, bob, &event.MemberData{User: bob, Role: event.Member, Kind: event.Person})
		w.want("who left", bob)
		w.record(ann, event.CommentAdded, task, &event.CommentData{Comment: event.Comment{ID: id(31), Text: "y", Author: ann, At: w.clock.Now()}})
		w.want("who left hears no more", bob)
	})
}

func TestInvitations(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.record(bob, event.InvitationCreated, id(40), &event.InvitationData{ID: id(40), Role: event.Member, Expires: w.clock.Now()})
		w.record(id(5), event.InvitationAccepted, id(40), &event.InvitationUse{ID: id(40), User: id(5)})
		w.want("who invited", bob, state.Joined)
		w.want("others", ann)
	})
}

func TestImportsAreSilent(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b)
		w.found()
		w.recordCause(ann, event.TaskCreated, task, &event.TaskData{Project: project, Title: "Old", State: event.Live, Assignees: []ids.ID{bob}}, "import:"+id(50).String())
		w.recordCause(ann, event.CommentAdded, task, &event.CommentData{Comment: event.Comment{ID: id(30), Text: event.Mention(bob, "Bob"), At: began}}, "import:"+id(50).String())
		w.want("imported", bob)
		w.record(cal, event.CommentAdded, task, &event.CommentData{Comment: event.Comment{ID: id(31), Text: "x", Author: cal, At: began}})
		w.want("afterwards", bob, state.Commented)
	})
}

func TestDueDates(t *testing.T) {
	everywhere(t, func(t *testing.T, b backend) {
		w := newWorld(t, b) // 1 March, 9:00
		w.found()
		w.create(task, func(d *event.TaskData) { d.Assignees, d.Due = []ids.ID{ann, bob}, "2026-03-02" })
		w.want("the day before", bob, state.Assigned)
		w.clock.Advance(15 * time.Hour)
		w.want("on the day", bob, state.Assigned, state.DueSoon)
		w.want("one's own task, too", ann, state.DueSoon)
		w.want("others", cal)
		w.clock.Advance(24 * time.Hour)
		w.want("the day after", bob, state.Assigned, state.Overdue)
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Assignees: change([]ids.ID{ann, bob}, []ids.ID{ann, cal})})
		w.want("unassigned", bob)
		w.want("assigned to what is overdue", cal, state.Assigned, state.Overdue)
		w.record(ann, event.TaskChanged, task, &event.TaskPatch{Due: change(event.Date("2026-03-02"), event.Date("2026-03-03T12:00:00Z"))})
		w.want("later, by the hour", ann, state.DueSoon)
		w.clock.Advance(12 * time.Hour)
		w.want("by the hour", ann, state.Overdue)
		at := w.clock.Now()
		done := &at
		w.record(ann, event.TaskMoved, task, &event.TaskPatch{Completed: to(done)})
		w.want("done", ann)
		w.record(ann, event.TaskMoved, task, &event.TaskPatch{Completed: change[*time.Time](done, nil)})
		w.want("not done after all", ann, state.Overdue)
		w.record(ann, event.TaskArchived, task, &event.TaskPatch{State: change(event.Live, event.Archived)})
		w.want("archived", ann)
	})
}
