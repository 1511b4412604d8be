// Package importercli is what `headway import` does: straight into a data
// folder, or through a running server over HTTP.
package importercli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
	"headway/internal/task/importer"
	"headway/internal/task/state"
)

// Options are what the command line says.
type Options struct {
	// Format is the kind of file, such as "trello"; File its path.
	Format, File string
	// Workspace is a workspace's id or its name.
	Workspace string
	// Email is the account whose import this is.
	Email string
	// Preview checks the file and prints the report, and changes nothing.
	Preview bool
	// Out takes the report, Progress what happens on the way.
	Out, Progress io.Writer
}

// Folder is a data folder that this process has opened.
type Folder struct {
	Imports *importer.Manager
	// User answers the id of the account of an e-mail address, apperr.NotFound where there is none.
	User func(ctx context.Context, email string) (ids.ID, error)
	// Workspaces answers the workspaces that a user is a member of.
	Workspaces func(ctx context.Context, user ids.ID) ([]state.Workspace, error)
}

// Local imports a file into the folder. An import of the same file that was
// broken off goes on. Where the context ends, what came over stays, and the
// same command goes on from there.
func Local(ctx context.Context, in Folder, o Options) error {
	user, err := in.User(ctx, o.Email)
	if apperr.Is(err, apperr.NotFound) {
		return apperr.New(apperr.NotFound, "There is no account with the address %s here. Register in the browser first (headway serve).", o.Email)
	}
	if err != nil {
		return err
	}
	all, err := in.Workspaces(ctx, user)
	if err != nil {
		return err
	}
	list := make([]named, len(all))
	for i := range all {
		list[i] = named{all[i].ID, all[i].Name}
	}
	workspace, err := pick(list, o.Workspace)
	if err != nil {
		return err
	}
	file, err := os.Open(o.File)
	if err != nil {
		return apperr.New(apperr.Invalid, "The file cannot be opened: %s.", plain(err))
	}
	defer func() { _ = file.Close() }() // read only
	p := newProgress(o.Progress)
	p.say("Reading " + filepath.Base(o.File))
	job, again, err := in.Imports.Create(ctx, user, workspace, o.Format, filepath.Base(o.File), file)
	if err != nil {
		return err
	}
	if again {
		p.say("This file's import was broken off before: going on")
	}
	job, err = waitFor(ctx, in.Imports, workspace, job.ID, p)
	if err != nil {
		return err
	}
	if o.Preview && job.State == importer.Ready {
		if err := job.Report.WriteText(o.Out); err != nil {
			return err
		}
		return in.Imports.Delete(ctx, user, workspace, job.ID)
	}
	if job.State != importer.Done && (job.State != importer.Failed || job.Retry) {
		if _, err = in.Imports.Apply(ctx, user, workspace, job.ID); err != nil {
			return err
		}
		if job, err = waitFor(ctx, in.Imports, workspace, job.ID, p); err != nil {
			return err
		}
	}
	return conclude(job.State, job.Error, job.Report, p, o.Out)
}

// waitFor follows a job until it stands still.
func waitFor(ctx context.Context, imports *importer.Manager, workspace, id ids.ID, p *progress) (importer.Job, error) {
	var last importer.Job
	err := imports.Watch(ctx, workspace, id, func(j importer.Job) bool {
		last = j
		p.show(j.State, j.Total, j.Progress)
		return j.State != importer.Scanning && j.State != importer.Applying
	})
	if errors.Is(err, context.Canceled) {
		err = apperr.New(apperr.Unavailable, "Stopped. The same command goes on from here.")
	}
	p.end()
	return last, err
}

func conclude(st importer.State, sentence string, report *importer.Report, p *progress, out io.Writer) error {
	switch st {
	case importer.Done:
		p.say("Done")
		return report.WriteText(out)
	case importer.Failed:
		return apperr.New(apperr.Invalid, "%s", sentence)
	}
	return apperr.New(apperr.Unavailable, "The import was paused. The same command goes on.")
}

type named struct {
	ID   ids.ID `json:"id"`
	Name string `json:"name"`
}

// pick finds the workspace by id or name.
func pick(all []named, want string) (ids.ID, error) {
	if want == "" && len(all) == 1 {
		return all[0].ID, nil
	}
	var found []ids.ID
	names := ""
	for _, w := range all {
		if w.Name == want || w.ID.String() == want {
			found = append(found, w.ID)
		}
		if names != "" {
			names += ", "
		}
		names += fmt.Sprintf("%q", w.Name)
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return ids.Nil, apperr.New(apperr.Conflict, "Several workspaces are called %q. Give the id instead.", want)
	case len(all) == 0:
		return ids.Nil, apperr.New(apperr.NotFound, "The account has no workspace yet. Make one in the browser first.")
	}
	return ids.Nil, apperr.New(apperr.NotFound, "The account is in no workspace called %q. It is in %s.", want, names)
}

// progress writes one line that changes, or lines where there is no terminal.
type progress struct {
	w    io.Writer
	last time.Time
	open bool
	line string
}

func newProgress(w io.Writer) *progress {
	if w == nil {
		w = io.Discard
	}
	return &progress{w: w}
}

func (p *progress) say(s string) {
	p.end()
	_, _ = fmt.Fprintln(p.w, s) // progress that cannot be shown stops nothing
}

func (p *progress) show(st importer.State, total, done importer.Counts) {
	line := string(st)
	switch st {
	case importer.Applying:
		line = fmt.Sprintf("Cards %s of %s   Comments %s   Checklist items %s",
			importer.Count(done.Cards), importer.Count(total.Cards), importer.Count(done.Comments), importer.Count(done.Items))
	case importer.Scanning:
		line = "Checking the file"
	}
	now := time.Now()
	if line == p.line || st == importer.Applying && now.Sub(p.last) < 100*time.Millisecond && done != total {
		return
	}
	p.line, p.last, p.open = line, now, true
	_, _ = fmt.Fprintf(p.w, "\r\033[K%s", line)
}

func (p *progress) end() {
	if p.open {
		_, _ = fmt.Fprintln(p.w)
		p.open = false
	}
}

// plain takes the operation out of a file error.
func plain(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Path + ": " + path.Err.Error()
	}
	return err.Error()
}
