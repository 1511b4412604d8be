package readmodel

import "headway/internal/platform/ids"

// The metrics of tasks. Each has the dimension ByProject, and a twin of the same
// points with the dimension ByUser besides, one for each assignee, under the
// name that OfAssignees answers: a task of two people counts once for the
// project and once for each of them.
const (
	// Created counts tasks, at the time of their creation; the id is the event's.
	Created = "task.created"
	// Completed is the time from creation to completion in seconds, at the
	// time of completion; the id is the task's.
	Completed = "task.completed"
	// Cycle is the time from the first start to completion in seconds, where the
	// task was ever started; time and id are those of Completed.
	Cycle = "task.cycle"
	// Reopened counts tasks that were done and are not any more; the id is the event's.
	Reopened = "task.reopened"
)

// Flow is +1 where a task comes into a column and -1 where it leaves; the
// dimensions are ByProject and ByColumn, the id is the event's.
const Flow = "task.flow"

// The metrics of people who changed something: one point for each person and
// day, week (from Monday) or month of UTC, at its beginning, with the user as
// its id. Those of a project have a twin with the dimension ByProject under the
// name that InProject answers.
const (
	ActiveDay   = "active.day"
	ActiveWeek  = "active.week"
	ActiveMonth = "active.month"
)

// Usage begins the metrics of usage events; the event's name follows.
const Usage = "usage."

// The dimensions.
const (
	ByProject = "project"
	ByUser    = "assignee"
	ByColumn  = "column"
)

// OfAssignees is the metric of the same points by assignee.
func OfAssignees(metric string) string { return metric + ".assignee" }

// InProject is the metric of active people by project.
func InProject(metric string) string { return metric + ".project" }

// UsageOf is whose the usage points of a workspace are in the time series:
// not the workspace's own, since they do not come from its events and a replay
// must leave them. The zero workspace is that of usage outside of any.
func UsageOf(workspace ids.ID) ids.ID { return ids.Derive(usageSpace, workspace.String()) }

var usageSpace = ids.MustParse("6f1d4c1e-5f0b-8c3a-9d27-1b6a52c0e9f4")
