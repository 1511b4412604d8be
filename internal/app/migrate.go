package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"headway/internal/app/config"
	"headway/internal/app/move"
)

// storeMigrate is `headway store migrate`.
func storeMigrate(ctx context.Context, p *Program, args []string) (err error) {
	fs := p.flags("store migrate")
	from := fs.String("from", "", "The `address` of the store that is left, as in store.url; by default what store.url names")
	to := fs.String("to", "", "The `address` of the store to move to, which must be empty")
	abort := fs.Bool("abort", false, "Give a move up that was broken off: the store that --from names takes writes again")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	source, target := cfg, cfg
	source.Store.Next, target.Store.Next = "", ""
	if *from != "" {
		source.Store.URL = *from
	}
	target.Store.URL = *to
	// The target is closed when processes wait for it: there should be little left to write then.
	target.Store.CheckpointPages = 1000
	if err := checkMove(source, target, *abort); err != nil {
		return err
	}
	s, closeSource, err := openSource(ctx, source)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	defer func() { err = errors.Join(err, closeSource()) }()
	if *abort {
		if err := move.Abort(ctx, s); err != nil {
			return err
		}
		p.say(p.Stdout, "The move is given up. %s takes writes as before; what was copied can be deleted.", s.Name)
		return nil
	}
	t, closeTarget, err := openTarget(ctx, target)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	defer func() { err = errors.Join(err, closeTarget()) }()
	report, err := move.Run(ctx, move.Options{Source: s, Target: t, Progress: p.progress})
	if err != nil {
		return err
	}
	p.reportMove(report, s.Name, t.Name)
	return nil
}

// checkMove answers what is wrong with the two addresses.
func checkMove(source, target config.Config, abort bool) error {
	if errs := source.Store.Validate(); len(errs) > 0 {
		return fmt.Errorf("--from: %w", errors.Join(errs...))
	}
	if abort {
		return nil
	}
	if target.Store.URL == "" {
		return errors.New("--to is missing: sqlite:FOLDER or mongodb://…")
	}
	if errs := target.Store.Validate(); len(errs) > 0 {
		return fmt.Errorf("--to: %w", errors.Join(errs...))
	}
	if redacted(source.Store, source.Data) == redacted(target.Store, target.Data) {
		return fmt.Errorf("--from and --to are the same store, %s", redacted(source.Store, source.Data))
	}
	return nil
}

// redacted is the address of a store without user, password and options.
func redacted(s config.Store, data string) string {
	if !s.Shared() {
		folder := s.Folder(data)
		if absolute, err := filepath.Abs(folder); err == nil {
			folder = absolute
		}
		return "sqlite:" + folder
	}
	scheme, rest, _ := strings.Cut(s.URL, "://")
	rest, _, _ = strings.Cut(rest, "?")
	hosts, database, _ := strings.Cut(rest[strings.LastIndex(rest, "@")+1:], "/")
	if database == "" {
		database = "headway"
	}
	return scheme + "://" + hosts + "/" + database
}

// progress prints how far a move has got.
func (p *Program) progress(m move.Progress) {
	share := 100.0
	if m.Total > 0 {
		share = 100 * float64(m.Done) / float64(m.Total)
	}
	p.say(p.Stderr, "%d of %d events (%.0f %%), %.0f a second, about %s left", m.Done, m.Total, share, m.Rate, m.Remaining.Round(time.Second))
}

func (p *Program) reportMove(r move.Report, from, to string) {
	if r.Already {
		p.say(p.Stdout, "The data of %s is at %s already.", from, to)
		return
	}
	p.say(p.Stdout, "The data of %s is at %s now: %d workspaces and %d accounts with %d events, %d sessions, in %s.",
		from, to, r.Workspaces, r.Accounts, r.Events, r.Sessions, r.Took.Round(time.Millisecond))
	p.say(p.Stdout, "Both sides have the digest %s; the rows of %d workspaces were compared as well. Writes were refused for %s.",
		r.Digest, r.Rows, r.Pause.Round(time.Millisecond))
	p.say(p.Stdout, "Set store.url to the new address; processes whose store.next names it have gone over by themselves.")
	for _, id := range r.Left {
		p.say(p.Stdout, "A process that did not see the fence in time began the stream %s at the old store; it was not copied, and who began it was told so or can begin it again.", id)
	}
}
