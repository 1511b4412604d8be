package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"headway/internal/analytics"
	"headway/internal/notification"
	"headway/internal/platform/consumer"
)

// consumers are the consumers of the event log that can be replayed, by name.
var consumers = map[string]func(context.Context, *platform, *slog.Logger) (*consumer.Runner, error){
	notification.ConsumerName: func(ctx context.Context, p *platform, log *slog.Logger) (*consumer.Runner, error) {
		return notification.NewRunner(ctx, p.noticeSources(log))
	},
	analytics.ConsumerName: func(_ context.Context, p *platform, log *slog.Logger) (*consumer.Runner, error) {
		m, err := wireAnalytics(p, log)
		if err != nil {
			return nil, err
		}
		return m.Runner(), nil
	},
}

// replay is `headway replay NAME`.
func replay(ctx context.Context, p *Program, args []string) (err error) {
	var names []string
	for name := range consumers {
		names = append(names, name)
	}
	slices.Sort(names)
	fs := p.flags("replay")
	cfg, err := p.settings(fs, args, 1, "one of: "+strings.Join(names, ", "))
	if err != nil {
		return err
	}
	open, ok := consumers[fs.Arg(0)]
	if !ok {
		return fmt.Errorf("there is no consumer %q; there are: %s", fs.Arg(0), strings.Join(names, ", "))
	}
	stores, err := openPlatform(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.close()) }()
	runner, err := open(ctx, stores, newLog(cfg.Log, p.Stderr))
	if err != nil {
		return err
	}
	var last consumer.Progress
	if err := runner.Replay(ctx, func(now consumer.Progress) {
		last = now
		p.say(p.Stderr, "%d events", now.Handled)
	}); err != nil {
		return err
	}
	p.say(p.Stdout, "%d events were handled anew; %d were set aside.", last.Handled, last.SetAside)
	return nil
}
