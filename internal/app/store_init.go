package app

import (
	"context"
	"errors"
	"regexp"

	"headway/internal/app/config"
	"headway/internal/platform/mongodb"
)

// zoneName is what a zone may be called here; MongoDB itself allows more.
var zoneName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// storeInit is `headway store init`.
func storeInit(ctx context.Context, p *Program, args []string) (err error) {
	fs := p.flags("store init")
	sharded := fs.Bool("sharded", false, "Spread the collections over the shards of a MongoDB cluster")
	zone := fs.String("zone", "", "Keep all of them on the shards of this `zone`, which must have been given shards (sh.addShardToZone)")
	dry := fs.Bool("dry-run", false, "Print what would be done and do nothing")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	switch {
	case !cfg.Store.Shared():
		return errors.New("store.url names SQLite, which makes its tables by itself at the first start; give --store-url mongodb://…")
	case *zone != "" && !*sharded:
		return errors.New("--zone is for --sharded: without shards there are no zones")
	case *zone != "" && !zoneName.MatchString(*zone):
		return errors.New("--zone takes a name of up to 64 letters, digits, dots, dashes and underscores")
	}
	db, err := mongodb.Open(ctx, mongodb.Options{URL: cfg.Store.URL})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if *dry {
		p.say(p.Stdout, "// Collections and indexes are made at the first start, or by this command without --dry-run.")
	} else {
		if err := mongodb.Ensure(ctx, db, mongoSchemas(cfg.Target)...); err != nil {
			return err
		}
		p.say(p.Stdout, "// Collections and indexes are there.")
	}
	if !*sharded {
		return nil
	}
	return shard(ctx, p, db, *zone, *dry)
}

// shard spreads the collections where the server can, and else prints how.
func shard(ctx context.Context, p *Program, db *mongodb.DB, zone string, dry bool) error {
	router, err := db.Router(ctx)
	if err != nil {
		return err
	}
	if !router {
		p.say(p.Stdout, "// This server is no mongos, so nothing was spread. On a sharded cluster, run this in mongosh, connected to a mongos:")
	}
	for _, step := range mongodb.ShardPlan(db.Name(), zone, mongoSchemas(config.Targets{config.All})...) {
		if router && !dry {
			if err := db.Shard(ctx, step); err != nil {
				return err
			}
		}
		p.say(p.Stdout, "%s", step.Shell)
	}
	if router && !dry {
		p.say(p.Stdout, "// All of this was done.")
	}
	return nil
}
