package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"headway/internal/platform/ids"
)

// rebuild is `headway rebuild`.
func rebuild(ctx context.Context, p *Program, args []string) (err error) {
	fs := p.flags("rebuild")
	verify := fs.Bool("verify", false, "Compare the rows before and after, and fail where they differ")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	stores, err := openPlatform(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.close()) }()
	var before map[ids.ID]string
	if *verify {
		if before, err = digests(ctx, stores.tasks); err != nil {
			return err
		}
	}
	var last uint64
	err = stores.rebuild(ctx, func(done, total uint64) {
		if done-last >= 100_000 || done == total {
			last = done
			p.say(p.Stderr, "%d of %d events", done, total)
		}
	})
	if err != nil || !*verify {
		return err
	}
	after, err := digests(ctx, stores.tasks)
	if err != nil {
		return err
	}
	var differ []string
	for workspace, digest := range after {
		if before[workspace] != digest {
			differ = append(differ, workspace.String())
		}
	}
	slices.Sort(differ)
	if len(differ) > 0 {
		return fmt.Errorf("the rows were not what the log says, in %s; they are now", strings.Join(differ, ", "))
	}
	p.say(p.Stdout, "The rows are what the log says (%d workspaces compared).", len(after))
	return nil
}

// digests answers a hash of each workspace's rows. The words that search
// finds are part of the comparison: a digest fails where the index differs
// from the texts.
func digests(ctx context.Context, tasks taskStore) (map[ids.ID]string, error) {
	all, err := tasks.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[ids.ID]string, len(all))
	for _, workspace := range all {
		if out[workspace], err = tasks.Digest(ctx, workspace); err != nil {
			return nil, err
		}
	}
	return out, nil
}
