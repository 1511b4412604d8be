package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"headway/internal/app/config"
	authredis "headway/internal/auth/store/redis"
	"headway/internal/platform/bus/poll"
	busredis "headway/internal/platform/bus/redis"
	"headway/internal/platform/bus/sqs"
	"headway/internal/platform/cache"
	cacheredis "headway/internal/platform/cache/redis"
	"headway/internal/platform/eventlog"
	"headway/internal/platform/ids"
	"headway/internal/platform/limit"
	limitredis "headway/internal/platform/limit/redis"
	"headway/internal/platform/redisdb"
)

// shared is what the processes of an installation share through Redis, or
// through SQS. What the settings leave within the process is nil.
type shared struct {
	dbs      map[string]*redisdb.DB // by address
	parts    []sharedPart
	pages    *cacheredis.Cache
	limiter  *limitredis.Limiter
	bus      *busredis.Bus
	queues   *sqs.Bus // the bus where it is SQS
	sessions *authredis.Store
}

// sharedPart is a part and the connection that it uses.
type sharedPart struct {
	name string
	db   *redisdb.DB
}

// share opens what the settings share, over or in place of what the process
// has of its own. A Redis that is away is no error; one that refuses is.
func (p *platform) share(ctx context.Context, cfg config.Config, version string, log *slog.Logger) (err error) {
	s := &p.shared
	if db, err := s.connect(ctx, "rate", cfg.Shared(cfg.Rate.URL), log); err != nil {
		return err
	} else if db != nil {
		if s.limiter, err = limitredis.New(limitredis.Options{DB: db, Local: p.limiter}); err != nil {
			return err
		}
	}
	if p.accounts != nil {
		if err := p.shareSessions(ctx, cfg.Shared(cfg.Sessions.URL), log); err != nil {
			return err
		}
	}
	if p.events == nil {
		return nil // the web app alone
	}
	if err := p.shareBus(ctx, cfg.Shared(cfg.Bus.URL), log); err != nil {
		return err
	}
	if p.pages == nil {
		return nil // cache.bytes is 0, or there is no task service: no pages are kept anywhere
	}
	db, err := s.connect(ctx, "cache", cfg.Shared(cfg.Cache.URL), log)
	if err != nil || db == nil {
		return err
	}
	s.pages, err = cacheredis.New(cacheredis.Options{DB: db, Own: p.pages, Version: pageVersion(version)})
	return err
}

// shareSessions puts what is known of sessions in a Redis before the store of accounts, "" for none.
func (p *platform) shareSessions(ctx context.Context, address string, log *slog.Logger) error {
	s := &p.shared
	db, err := s.connect(ctx, "sessions", address, log)
	if err != nil || db == nil {
		return err
	}
	if s.sessions, err = authredis.New(p.accounts, db); err != nil {
		return err
	}
	p.accounts = s.sessions
	return nil
}

// shareBus opens the bus at an address, "" for none: queues of SQS, or a Redis.
func (p *platform) shareBus(ctx context.Context, address string, log *slog.Logger) error {
	s := &p.shared
	if strings.HasPrefix(address, config.SQS) {
		target, err := sqs.Parse(address)
		if err != nil {
			return fmt.Errorf("bus.url %w", err)
		}
		if s.queues, err = sqs.New(ctx, sqs.Options{Target: target, Changes: poll.Options{Source: p.events, Categories: []eventlog.Category{eventlog.Workspace}}, Log: log}); err != nil {
			return fmt.Errorf("bus.url: %w", err)
		}
		p.bus = s.queues
		return nil
	}
	db, err := s.connect(ctx, "bus", address, log)
	if err != nil || db == nil {
		return err
	}
	if s.bus, err = busredis.New(busredis.Options{DB: db, Log: log}); err != nil {
		return err
	}
	p.bus = s.bus
	return nil
}

// pageVersion names how pages are encoded. A build that does not know what it
// was made from shares them with nobody: another one may encode differently.
func pageVersion(version string) string {
	if version == "" || version == "unknown" || strings.HasSuffix(version, "-dirty") {
		return ids.New().String()
	}
	return version
}

// connect answers the connection to an address, nil for "". Parts with the
// same address share one.
func (s *shared) connect(ctx context.Context, part, address string, log *slog.Logger) (*redisdb.DB, error) {
	if address == "" {
		return nil, nil
	}
	db, ok := s.dbs[address]
	if !ok {
		target, err := redisdb.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("%s.url %w", part, err)
		}
		if db, err = redisdb.Open(ctx, redisdb.Options{Target: target, Log: log}); err != nil {
			return nil, fmt.Errorf("%s.url: %w", part, err)
		}
		if s.dbs == nil {
			s.dbs = map[string]*redisdb.DB{}
		}
		s.dbs[address] = db
	}
	s.parts = append(s.parts, sharedPart{part, db})
	return db, nil
}

// rates is where uses are counted.
func (p *platform) rates() limit.Limiter {
	if p.shared.limiter != nil {
		return p.shared.limiter
	}
	return p.limiter
}

// pageCache is where pages are kept, nil for nowhere.
func (p *platform) pageCache() cache.Cache {
	switch {
	case p.shared.pages != nil:
		return p.shared.pages
	case p.pages != nil:
		return p.pages
	}
	return nil
}

func (s *shared) close() error {
	var errs []error
	if s.bus != nil {
		errs = append(errs, s.bus.Close())
	}
	if s.queues != nil {
		errs = append(errs, s.queues.Close())
	}
	if s.pages != nil {
		errs = append(errs, s.pages.Close())
	}
	for _, db := range s.dbs {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}
