package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"headway/internal/platform/ids"
	"headway/internal/task/command"
	"headway/internal/task/event"
	"headway/internal/task/readmodel"
)

// result is what came out for one number of shards.
type result struct {
	Shards int
	// CPU is the process's user and system time for one change with the reads after it.
	CPU time.Duration
	// Rate is how many of those a shard did a second.
	Rate float64
	// Even and Dealt are the fullest shard's changes as a multiple of the mean,
	// with chunks in equal ranges and dealt by load.
	Even, Dealt float64
	// Size is what a change takes on disk, in bytes, the log, rows and indexes
	// together, with its share of the workspaces as they began.
	Size float64
	// Bytes is the fullest shard's size as a multiple of the mean.
	Bytes float64
	// Digest is that of all logs, whichever shards they are on.
	Digest [32]byte
}

// simulate runs the same work on each number of shards.
func simulate(ctx context.Context, o options, say func(string)) ([]result, error) {
	// What a balancer has seen: an earlier draw of the same habits.
	var load [chunks]float64
	seen := newZipf(&o, 1)
	for range o.Operations {
		load[chunkOf(o.workspaceID(seen.next()))]++
	}
	work := make([]int, o.Operations)
	draw := newZipf(&o, 2)
	for i := range work {
		work[i] = draw.next()
	}
	var out []result
	for _, n := range o.Shards {
		say(fmt.Sprintf("%d shards …", n))
		r, err := one(ctx, o, n, work, dealt(n, &load))
		if err != nil {
			return nil, fmt.Errorf("%d shards: %w", n, err)
		}
		r.Even = fullest(counted(&o, work, even(n), n))
		out = append(out, r)
		if r.Digest != out[0].Digest {
			return nil, fmt.Errorf("the logs on %d shards are not those on %d", n, out[0].Shards)
		}
	}
	return out, nil
}

// counted answers how many changes each shard would take.
func counted(o *options, work []int, p placement, shards int) []float64 {
	out := make([]float64, shards)
	for _, w := range work {
		out[p[chunkOf(o.workspaceID(w))]]++
	}
	return out
}

// fullest answers the greatest as a multiple of the mean.
func fullest(has []float64) float64 {
	sum := 0.0
	for _, v := range has {
		sum += v
	}
	if sum == 0 {
		return 1
	}
	return slices.Max(has) * float64(len(has)) / sum
}

// one does the work on a number of shards.
func one(ctx context.Context, o options, n int, work []int, p placement) (r result, err error) {
	shards, err := openShards(ctx, o.Folder, n)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, closeShards(shards)) }()
	r.Shards = n
	teams := make([]*team, o.Workspaces)
	for i := range teams {
		id := o.workspaceID(i)
		teams[i] = &team{o: &o, n: i, id: id, at: shards[p[chunkOf(id)]]}
	}
	err = each(o.Clients, func(client int) error {
		for i := client; i < len(teams); i += o.Clients {
			if err := teams[i].begin(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	// A workspace is one client's, so that its changes come in the order drawn.
	queues := map[*shard][][]int{}
	for _, s := range shards {
		queues[s] = make([][]int, o.Clients)
	}
	for _, w := range work {
		q := &queues[teams[w].at][w%o.Clients]
		*q = append(*q, w)
	}
	used, began := cpu(), time.Now()
	for _, s := range shards { // by itself, as each has machines of its own
		err = each(o.Clients, func(client int) error {
			for _, w := range queues[s][client] {
				if err := teams[w].change(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	r.CPU = (cpu() - used) / time.Duration(len(work))
	r.Rate = float64(len(work)) / time.Since(began).Seconds()
	changes, bytes := make([]float64, n), make([]float64, n)
	for i, s := range shards {
		size, err := s.bytes()
		if err != nil {
			return r, err
		}
		changes[i], bytes[i] = float64(s.changes.Load()), float64(size)
	}
	r.Dealt, r.Bytes = fullest(changes), fullest(bytes)
	for _, size := range bytes {
		r.Size += size / float64(len(work))
	}
	r.Digest, err = digest(ctx, teams)
	return r, err
}

// each runs n calls at once and answers their errors.
func each(n int, call func(int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = call(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// cpu answers the process's time so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// team is a workspace with those who work in it. Its client alone uses it.
type team struct {
	o       *options
	n       int
	id      ids.ID
	at      *shard
	project ids.ID
	columns []ids.ID
	changes int
	tasks   []ids.ID
	seq     uint64
}

func (t *team) actor() command.Actor { return command.Actor{User: t.o.id("user", t.n)} }

// begin makes the workspace with its project.
func (t *team) begin(ctx context.Context) error {
	if _, err := t.at.commands.CreateWorkspace(ctx, t.actor(), command.CreateWorkspace{ID: t.id, Name: "Team " + strconv.Itoa(t.n)}); err != nil {
		return err
	}
	t.project = t.o.id("project", t.n)
	columns := make([]event.Column, 3)
	for i, c := range []event.Category{event.Open, event.Active, event.Done} {
		id := ids.Derive(t.project, strconv.Itoa(i))
		columns[i] = event.Column{ID: id, Name: string(c), Category: c}
		t.columns = append(t.columns, id)
	}
	res, err := t.at.commands.CreateProject(ctx, t.actor(), command.CreateProject{Workspace: t.id, ID: t.project, Name: "Project", Key: "P", Columns: columns})
	t.seq = res.Seq
	return err
}

const description = "What is to be done, why, and how one sees that it is: a few lines as people write them into a task, with the usual words in them."

// change makes the workspace's next change, and reads what a browser would
// read then: the board's first page, and what is new.
func (t *team) change(ctx context.Context) error {
	k := t.changes
	t.changes++
	t.at.changes.Add(1)
	var res command.Result
	var err error
	switch {
	case k%5 < 2 || len(t.tasks) == 0:
		id := ids.Derive(t.id, "task", strconv.Itoa(k))
		res, err = t.at.commands.CreateTask(ctx, t.actor(), command.CreateTask{
			Workspace: t.id, ID: id, Project: t.project, Title: "Task " + strconv.Itoa(k), Description: description,
		})
		t.tasks = append(t.tasks, id)
	case k%5 == 2:
		column := t.columns[k/5%len(t.columns)]
		res, err = t.at.commands.ChangeTask(ctx, t.actor(), command.ChangeTask{Workspace: t.id, ID: t.task(k), Column: &column})
	case k%5 == 3:
		title := "Task as changed by " + strconv.Itoa(k)
		res, err = t.at.commands.ChangeTask(ctx, t.actor(), command.ChangeTask{Workspace: t.id, ID: t.task(k), Title: &title})
	default:
		res, err = t.at.commands.AddComment(ctx, t.actor(), command.AddComment{
			Workspace: t.id, Task: t.task(k), ID: ids.Derive(t.id, "comment", strconv.Itoa(k)), Text: "A word on it, number " + strconv.Itoa(k),
		})
	}
	if err != nil {
		return fmt.Errorf("change %d of workspace %d: %w", k, t.n, err)
	}
	if _, err := t.at.store.Tasks(ctx, t.id, readmodel.TaskQuery{Project: t.project, State: event.Live, Limit: 50}); err != nil {
		return err
	}
	since := t.seq
	t.seq = max(t.seq, res.Seq)
	_, _, err = t.at.store.Changes(ctx, t.id, since, t.seq, readmodel.Access{All: true}, 100)
	return err
}

// task picks one of the newest tasks, always the same for the same change.
func (t *team) task(k int) ids.ID {
	recent := min(len(t.tasks), 50)
	return t.tasks[len(t.tasks)-1-k*7%recent]
}

// digest is that of what all logs say, but for times and the ids that are made anew.
func digest(ctx context.Context, teams []*team) (out [32]byte, err error) {
	h := sha256.New()
	for _, t := range teams {
		if t.changes == 0 {
			continue // made alike everywhere
		}
		var after uint64
		for {
			events, err := t.at.log.Read(ctx, t.id, after, 1000)
			if err != nil {
				return out, err
			}
			if len(events) == 0 {
				break
			}
			for i := range events {
				e := &events[i]
				_ = binary.Write(h, binary.BigEndian, e.Seq) // a hash takes everything
				h.Write(e.Entity[:])
				h.Write([]byte(e.Type))
			}
			after = events[len(events)-1].Seq
		}
	}
	return [32]byte(h.Sum(nil)), nil
}
