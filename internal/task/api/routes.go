// Package api is the task service's HTTP edge: routes.go is its table of
// contents, and there is one file for each resource. Handlers check the shape
// of the input by schema, hand it to a command or a query, and answer rows as
// they are kept; what is allowed is decided there, not here.
package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Register adds every operation of the task service to the API.
func (h *Handlers) Register(api huma.API) {
	for _, r := range h.routes() {
		r.endpoint.register(api, huma.Operation{
			OperationID: r.id, Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{tagOf(r.path)},
		})
	}
}

const (
	get    = http.MethodGet
	post   = http.MethodPost
	patch  = http.MethodPatch
	remove = http.MethodDelete

	inW = "/workspaces/{workspace}"
	inP = inW + "/projects/{project}"
	inT = inW + "/tasks/{task}"
)

// routes is the table of contents.
func (h *Handlers) routes() []route {
	page := []parameter{cursorParameter, limitParameter(pageSize, maxPageSize)}
	paged := func(more ...parameter) []parameter { return slices.Concat(page, more) }
	return []route{
		{get, "/workspaces", "list-workspaces", "List your workspaces", reads[List[OwnWorkspace]](h.listWorkspaces).untagged()},
		{post, "/workspaces", "create-workspace", "Create a workspace", writes[createWorkspaceInput, Workspace](201, h.createWorkspace)},
		{get, inW, "get-workspace", "Read a workspace", reads[Workspace](h.readWorkspace)},
		{patch, inW, "change-workspace", "Rename a workspace", writes[changeWorkspaceInput, Workspace](200, h.changeWorkspace)},

		{get, inW + "/members", "list-members", "List the members", reads[List[Member]](h.listMembers)},
		{patch, inW + "/members/{user}", "change-member", "Change a member's role or a guest's projects", writes[changeMemberInput, Member](200, h.changeMember)},
		{remove, inW + "/members/{user}", "remove-member", "Remove a member, or leave", removes(h.removeMember).about("Their tasks keep their id as assignee; their row stays in sync, marked as removed.")},
		{get, inW + "/invitations", "list-invitations", "List the open invitations", reads[List[Invitation]](h.listInvitations)},
		{post, inW + "/invitations", "invite-member", "Invite somebody", answers(201, h.inviteMember).about("The token is in this answer only. Whoever has it may join with the role until it expires or is revoked.")},
		{remove, inW + "/invitations/{invitation}", "revoke-invitation", "Revoke an invitation", removes(h.revokeInvitation)},
		{post, "/invitations/accept", "accept-invitation", "Join a workspace by an invitation", answers(200, h.acceptInvitation)},

		{get, inW + "/projects", "list-projects", "List the projects", reads[List[Project]](h.listProjects)},
		{post, inW + "/projects", "create-project", "Create a project", writes[createProjectInput, Project](201, h.createProject)},
		{get, inP, "get-project", "Read a project", reads[Project](h.readProject)},
		{patch, inP, "change-project", "Change a project", writes[changeProjectInput, Project](200, h.changeProject)},
		{remove, inP, "trash-project", "Put a project into the trash", writes[InProject, Project](200, h.trashProject)},
		{post, inP + "/archive", "archive-project", "Archive a project", writes[InProject, Project](200, h.archiveProject)},
		{post, inP + "/restore", "restore-project", "Bring a project back from archive or trash", writes[InProject, Project](200, h.restoreProject)},
		{get, inP + "/counts", "count-tasks", "Count a project's live tasks by column", reads[Counts](h.countTasks)},
		{post, inP + "/columns", "create-column", "Add a column", writes[createColumnInput, Project](201, h.createColumn)},
		{patch, inP + "/columns/{column}", "change-column", "Change a column", writes[changeColumnInput, Project](200, h.changeColumn)},
		{remove, inP + "/columns/{column}", "remove-column", "Remove an empty column", writes[InColumn, Project](200, h.removeColumn)},

		{get, inW + "/labels", "list-labels", "List the labels", reads[List[Label]](h.listLabels)},
		{post, inW + "/labels", "create-label", "Create a label", writes[createLabelInput, Label](201, h.createLabel)},
		{patch, inW + "/labels/{label}", "change-label", "Change a label", writes[changeLabelInput, Label](200, h.changeLabel)},
		{remove, inW + "/labels/{label}", "remove-label", "Remove a label", removes(h.removeLabel).about("Tasks that carry it keep its id, which readers pass over.")},

		{get, inP + "/tasks", "list-tasks", "List a project's tasks in board order", reads[Page[Card]](h.listTasks, paged(columnParameter, stateParameter)...)},
		{get, inW + "/tasks", "list-shelf", "List the archive or the trash, newest change first", reads[Page[Card]](h.listShelf, paged(shelfParameter)...)},
		{post, inW + "/tasks", "create-task", "Create a task", writes[createTaskInput, Task](201, h.createTask).about(createText)},
		{get, inT, "get-task", "Read a task, now or as of a seq", reads[Task](h.readTask, atParameter)},
		{patch, inT, "change-task", "Change or move a task", writes[changeTaskInput, Task](200, h.changeTask).about(changeText)},
		{remove, inT, "trash-task", "Put a task into the trash", writes[InTask, Task](200, h.trashTask)},
		{post, inT + "/archive", "archive-task", "Archive a task", writes[InTask, Task](200, h.archiveTask)},
		{post, inT + "/restore", "restore-task", "Bring a task back from archive or trash", writes[InTask, Task](200, h.restoreTask)},
		{post, inT + "/purge", "purge-task", "Delete a trashed task for good", removes(h.purgeTask).about("Its comments go with it; its history stays.")},
		{post, inT + "/items", "add-items", "Add checklist items", writes[addItemsInput, Task](201, h.addItems)},
		{patch, inT + "/items/{item}", "change-item", "Change a checklist item", writes[changeItemInput, Task](200, h.changeItem)},
		{remove, inT + "/items/{item}", "remove-item", "Remove a checklist item", writes[InItem, Task](200, h.removeItem)},
		{post, inT + "/attachments", "add-attachment", "Attach a link", writes[addAttachmentInput, Task](201, h.addAttachment)},
		{remove, inT + "/attachments/{attachment}", "remove-attachment", "Remove an attached link", writes[InAttachment, Task](200, h.removeAttachment)},
		{get, inT + "/comments", "list-comments", "List a task's comments, oldest first", reads[Page[Comment]](h.listComments, page...)},
		{post, inT + "/comments", "add-comment", "Comment on a task", writes[addCommentInput, Comment](201, h.addComment)},
		{patch, inT + "/comments/{comment}", "change-comment", "Change your own comment", writes[changeCommentInput, Comment](200, h.changeComment)},
		{remove, inT + "/comments/{comment}", "remove-comment", "Remove a comment", removes(h.removeComment).about("Your own, or anybody's for owners and admins.")},

		{get, inT + "/history", "list-task-history", "List what happened to a task, newest first", reads[HistoryPage](h.taskHistory, page...).untagged()},
		{get, inW + "/history", "list-history", "List what happened in the workspace, newest first", reads[HistoryPage](h.workspaceHistory, paged(projectParameter)...)},
		{post, inW + "/undo", "undo", "Undo your last change, or one of yours", answers(200, h.undo).about(undoText)},
		{get, inW + "/search", "search", "Search the live tasks", reads[Page[Card]](h.search, paged(searchParameter)...)},
		{get, inW + "/sync", "sync", "What changed since a seq", reads[Sync](h.sync, sinceParameter, cursorParameter, limitParameter(syncSize, maxSyncSize)).untagged().about(syncText)},
		{get, inW + "/events", "stream-events", "Stream changes as they happen", streams(h.stream)},
	}
}

const (
	createText = "Sent again with the same id and content it answers 200 and what the first made, so a create that got " +
		"no answer can be repeated. An id that is in use for anything else is a conflict."
	changeText = "Send only what changes. With If-Match it is refused where the task has changed since; a change that " +
		"changes nothing records nothing."
	undoText = "Sets back only what still holds what the undone change wrote; the rest is left and named. " +
		"Undoing is a change itself, so it can be undone."
	syncText = "Rows as they are now, and what is gone. Start with since 0; where more is true, ask again with cursor " +
		"set to next until it is false, then keep seq for next time. An answer with fresh set starts a new copy. " +
		"In each page apply the removals before the rows: a removed project takes along everything in it, a removed " +
		"task its comments. Folding the pages so keeps a copy equal to what the caller may see."
)

// tagOf groups operations in the document by the resource that their path ends in.
func tagOf(path string) string {
	tag := "workspaces"
	for part := range strings.SplitSeq(strings.TrimPrefix(path, inW), "/") {
		switch part {
		case "members", "invitations":
			tag = "members"
		case "projects", "labels", "tasks", "comments":
			tag = part
		case "history", "undo":
			tag = "history"
		case "sync", "events":
			tag = "sync"
		case "search":
			tag = "search"
		}
	}
	return tag
}
