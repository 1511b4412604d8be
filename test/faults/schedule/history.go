package schedule

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// Kind is what an operation does to a task.
type Kind string

// The operations.
const (
	Create  Kind = "create"
	Rename  Kind = "rename"
	Move    Kind = "move"
	Comment Kind = "comment"
	Read    Kind = "read"
)

// Op is one operation of a client on a task. A create or a comment that is
// sent again with its id is the same operation, from its first sending to the
// answer.
type Op struct {
	Client int
	Task   string
	Kind   Kind
	// Value is the title or the column that it writes.
	Value string
	// Invoked and Returned are since the begin. Where the operation was not
	// Answered, it may have happened at any time after Invoked, or not at all.
	Invoked, Returned time.Duration
	Answered          bool
	// Head is the workspace's seq that the answer to a write named.
	Head uint64
	// Row is the task as a read shows it, and of a write its own seq; of a
	// create also the column that the task was put in. What the answer to a
	// change shows of its task is a read of its own.
	Row Row
}

// Row is a task. An absent one has nothing else.
type Row struct {
	Absent        bool
	Title, Column string
	Comments      int
	Seq           uint64
}

// History is what clients did. It is safe for concurrent use.
type History struct {
	mu  sync.Mutex
	ops []Op
}

// Add records an operation that has come to its end.
func (h *History) Add(op Op) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, op)
}

// Ops answers what was recorded.
func (h *History) Ops() []Op {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ops)
}

// apply is what an operation does to its task, and whether the answer that it
// got fits. An answered write has a higher seq than what was there; the seq of
// one that was not answered is known to be no less. A move to where the task
// is may change its place there, or nothing.
func apply(was Row, op *Op) (bool, Row) {
	now, changes := was, true
	switch op.Kind {
	case Read:
		now.Seq = op.Row.Seq
		return now == op.Row && op.Row.Seq >= was.Seq, now
	case Create:
		if !was.Absent {
			return false, was
		}
		now = Row{Title: op.Value, Column: op.Row.Column}
	case Rename:
		now.Title = op.Value
	case Move:
		now.Column = op.Value
		changes = now != was
	case Comment:
		now.Comments++
	}
	switch {
	case now.Absent:
		return !op.Answered, was // a write to a task that is not there
	case !changes:
		return !op.Answered || op.Row.Seq >= was.Seq, was
	case !op.Answered:
		now.Seq = was.Seq + 1
		return true, now
	}
	now.Seq = op.Row.Seq
	return op.Row.Seq > was.Seq, now
}

// model is a task: a register that operations change one after the other.
var model = porcupine.Model{
	Init: func() any { return Row{Absent: true} },
	Step: func(state, input, _ any) (bool, any) {
		ok, next := apply(state.(Row), input.(*Op))
		return ok, next
	},
}

// linearizeWithin is how long one task's history is looked at.
const linearizeWithin = 30 * time.Second

// Linearizable holds the history of each task against the model, and the
// order of answered writes of the workspace against its seqs. It answers what
// does not fit, a sentence each.
func Linearizable(ops []Op) (problems []string) {
	tasks := map[string][]porcupine.Operation{}
	listed := map[string][]Op{}
	for i := range ops {
		op := &ops[i]
		if op.Kind == Read && !op.Answered {
			continue // tells nothing
		}
		end := int64(math.MaxInt64)
		if op.Answered {
			end = int64(op.Returned)
		}
		tasks[op.Task] = append(tasks[op.Task], porcupine.Operation{ClientId: op.Client, Input: op, Call: int64(op.Invoked), Return: end})
		listed[op.Task] = append(listed[op.Task], *op)
	}
	for task, list := range tasks {
		if result := porcupine.CheckOperationsTimeout(model, list, linearizeWithin); result != porcupine.Ok {
			problems = append(problems, fmt.Sprintf("the history of task %s is not linearizable (%s):\n%s", task, result, table(listed[task])))
		}
	}
	return append(problems, ordered(ops)...)
}

// ordered holds the seqs that answers to writes named against real time: what
// was asked after another was answered is not before it in the log.
func ordered(ops []Op) (problems []string) {
	var writes []Op
	for i := range ops {
		if ops[i].Answered && ops[i].Kind != Read {
			writes = append(writes, ops[i])
		}
	}
	byReturn := slices.SortedFunc(slices.Values(writes), func(a, b Op) int { return cmp.Compare(a.Returned, b.Returned) })
	slices.SortFunc(writes, func(a, b Op) int { return cmp.Compare(a.Invoked, b.Invoked) })
	var newest uint64
	for i := range writes {
		for len(byReturn) > 0 && byReturn[0].Returned < writes[i].Invoked {
			newest = max(newest, byReturn[0].Head)
			byReturn = byReturn[1:]
		}
		if writes[i].Head < newest {
			problems = append(problems, fmt.Sprintf("a %s asked at %s is at seq %d, and seq %d was answered before it was asked", writes[i].Kind, writes[i].Invoked, writes[i].Head, newest))
		}
	}
	return problems
}

// table shows a history, in order of time.
func table(ops []Op) string {
	slices.SortFunc(ops, func(a, b Op) int { return cmp.Compare(a.Invoked, b.Invoked) })
	out := ""
	for _, op := range ops {
		answer := "not answered"
		if op.Answered {
			answer = fmt.Sprintf("answered at %s: %+v", op.Returned.Round(time.Millisecond), op.Row)
		}
		out += fmt.Sprintf("    client %d at %s: %s %s; %s\n", op.Client, op.Invoked.Round(time.Millisecond), op.Kind, op.Value, answer)
	}
	return out
}
