package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/blob"
	"headway/internal/platform/ids"
)

// Jobs are blobs, so that every process that reaches the store knows them. A
// blob store has no compare and swap, so each blob has one kind of writer:
//
//	imports/jobs/WORKSPACE/JOB/request           what the user asked for last; whoever was asked writes it
//	imports/jobs/WORKSPACE/JOB/run.NUMBER.RUNNER where the work stands; the process that runs the job writes it
//	imports/jobs/WORKSPACE/JOB/file              the staged upload, while it is needed
//	imports/live/WORKSPACE.JOB                   the lease of the process that runs it, while there is work
//
// Of several run blobs the last by name counts. Who takes a job over writes
// under a higher number, so that what a process writes that lost the job
// without knowing is never read. A job is there as long as its request is.
const (
	jobsPrefix = "imports/jobs/"
	livePrefix = "imports/live/"
	runPrefix  = "run."
	// maxRecord bounds a request or a run, in bytes; a report holds up to some hundred names.
	maxRecord = 4 << 20
	// opTimeout bounds one small exchange with the store.
	opTimeout = 10 * time.Second
	// pageLen is how many names are listed at a time.
	pageLen = 1000
)

// jobKey names a job.
type jobKey struct{ workspace, job ids.ID }

func (k jobKey) prefix() string {
	return jobsPrefix + k.workspace.String() + "/" + k.job.String() + "/"
}
func (k jobKey) request() string { return k.prefix() + "request" }
func (k jobKey) file() string    { return k.prefix() + "file" }
func (k jobKey) lease() string   { return livePrefix + k.workspace.String() + "." + k.job.String() }

// run names the record of a runner's turn at the job.
func (k jobKey) run(number int, runner ids.ID) string {
	return fmt.Sprintf("%s%s%08d.%s", k.prefix(), runPrefix, number, runner)
}

// parseJobKey reads WORKSPACE and JOB with a separator between them.
func parseJobKey(text, separator string) (jobKey, bool) {
	w, j, ok := strings.Cut(text, separator)
	workspace, err := ids.Parse(w)
	job, jobErr := ids.Parse(j)
	return jobKey{workspace, job}, ok && err == nil && jobErr == nil
}

// request is what the user asked for last, and the job as it was created.
type request struct {
	Job Job `json:"job"`
	// Ask tells this request from the ones before; Want is Scanning, Applying or Paused.
	Ask  ids.ID    `json:"ask"`
	Want State     `json:"want"`
	By   ids.ID    `json:"by"`
	At   time.Time `json:"at"`
}

// record is where the work stands.
type record struct {
	// Ask is the request that it knows of.
	Ask ids.ID `json:"ask"`
	Job Job    `json:"job"`
}

// over answers the job as the request makes it, where the record does not know of it yet.
func (q *request) over(r *record) Job {
	if r == nil {
		return q.Job
	}
	j := r.Job
	if r.Ask == q.Ask || j.State == Done || j.State == Failed && !j.Retry {
		return j
	}
	switch {
	case q.Want == Applying:
		j.State, j.Error, j.Retry, j.By, j.UpdatedAt = Applying, "", false, q.By, q.At
	case q.Want == Paused && (j.State == Applying || j.State == Ready):
		j.State, j.UpdatedAt = Paused, q.At
	}
	return j
}

// names are the blobs of one job.
type names struct {
	requested, file bool
	runs            []string // in order
}

// number is that of the newest run, 0 where there is none.
func (n *names) number() int {
	if len(n.runs) == 0 {
		return 0
	}
	last := n.runs[len(n.runs)-1]
	var number int
	if _, err := fmt.Sscanf(last[strings.LastIndexByte(last, '/')+1:], runPrefix+"%d.", &number); err != nil {
		return 0
	}
	return number
}

// records keeps jobs in a blob store.
type records struct{ blobs blob.Store }

// away answers a fault of the store as an error for the caller, whose own context's end stays what it is.
func away(ctx context.Context, err error) error {
	var coded *apperr.Error
	if err == nil || ctx.Err() != nil || errors.As(err, &coded) {
		return err
	}
	return &apperr.Error{
		Code: apperr.Unavailable, RetryAfter: 10 * time.Second, Cause: err,
		Message: "The storage for uploaded files cannot be reached at the moment, so imports have to wait. Try again in a minute.",
	}
}

// all answers the names of every job below a prefix of keys.
func (s records) all(ctx context.Context, prefix string) (map[jobKey]*names, error) {
	found := map[jobKey]*names{}
	for after := ""; ; {
		page, err := s.list(ctx, prefix, after)
		if err != nil {
			return nil, err
		}
		for i := range page {
			dir, name := page[i].Key, ""
			if at := strings.LastIndexByte(dir, '/'); at > 0 {
				dir, name = dir[:at], dir[at+1:]
			}
			key, ok := parseJobKey(strings.TrimPrefix(dir, jobsPrefix), "/")
			if !ok {
				continue
			}
			n := found[key]
			if n == nil {
				n = &names{}
				found[key] = n
			}
			switch {
			case name == "request":
				n.requested = true
			case name == "file":
				n.file = true
			case strings.HasPrefix(name, runPrefix):
				n.runs = append(n.runs, page[i].Key)
			}
		}
		if len(page) < pageLen {
			return found, nil
		}
		after = page[len(page)-1].Key
	}
}

func (s records) list(ctx context.Context, prefix, after string) ([]blob.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	return s.blobs.List(ctx, prefix, after, pageLen)
}

// of answers the names of one job.
func (s records) of(ctx context.Context, key jobKey) (*names, error) {
	all, err := s.all(ctx, key.prefix())
	if err != nil || all[key] == nil {
		return &names{}, err
	}
	return all[key], nil
}

// read reads a small blob as JSON; blob.ErrNotFound where there is none.
func (s records) read(ctx context.Context, key string, into any) (err error) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	body, info, err := s.blobs.Get(ctx, key, blob.Range{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if info.Size > maxRecord {
		return fmt.Errorf("the record %s is longer than any that is written", key)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("the record %s cannot be read: %w", key, err)
	}
	return nil
}

// write keeps a small blob as JSON.
func (s records) write(ctx context.Context, key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	_, err = s.blobs.Put(ctx, key, bytes.NewReader(data), blob.PutOptions{ContentType: "application/json", MaxBytes: maxRecord})
	return err
}

func (s records) remove(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	return s.blobs.Delete(ctx, key)
}

// request reads a job's request; nil where there is no such job.
func (s records) request(ctx context.Context, key jobKey) (*request, error) {
	q := &request{}
	err := s.read(ctx, key.request(), q)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	return q, err
}

// load answers a job's request and its newest record, each nil where there is
// none, and the names that it has.
func (s records) load(ctx context.Context, key jobKey, n *names) (*request, *record, *names, error) {
	// A takeover replaces the record between the list and the look.
	for try := 1; ; try++ {
		var err error
		if n == nil {
			if n, err = s.of(ctx, key); err != nil {
				return nil, nil, nil, err
			}
		}
		q, err := s.request(ctx, key)
		if err != nil || q == nil || len(n.runs) == 0 {
			return q, nil, n, err
		}
		r := &record{}
		err = s.read(ctx, n.runs[len(n.runs)-1], r)
		if errors.Is(err, blob.ErrNotFound) && try < 5 {
			n = nil
			continue
		}
		if err != nil {
			return nil, nil, nil, err
		}
		return q, r, n, nil
	}
}

// removeJob removes everything of a job, the request first: from then on there is none.
func (s records) removeJob(ctx context.Context, key jobKey) error {
	if err := s.remove(ctx, key.request()); err != nil {
		return err
	}
	n, err := s.of(ctx, key)
	if err != nil {
		return err
	}
	for _, name := range append(n.runs, key.file(), key.lease()) {
		if err := s.remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
