package app

import (
	"context"
	"errors"
	"fmt"

	analyticsmongo "headway/internal/analytics/readmodel/mongo"
	"headway/internal/app/config"
	authmongo "headway/internal/auth/store/mongo"
	authsqlite "headway/internal/auth/store/sqlite"
	noticemongo "headway/internal/notification/store/mongo"
	noticesqlite "headway/internal/notification/store/sqlite"
	consumermongo "headway/internal/platform/consumer/mongo"
	consumersqlite "headway/internal/platform/consumer/sqlite"
	logmongo "headway/internal/platform/eventlog/mongo"
	logsqlite "headway/internal/platform/eventlog/sqlite"
	"headway/internal/platform/mongodb"
	movingmongo "headway/internal/platform/moving/mongo"
	"headway/internal/platform/sqlitedb"
	taskmongo "headway/internal/task/readmodel/mongo"
	tasksqlite "headway/internal/task/readmodel/sqlite"
)

// mongoSchemas is what the services keep in a database of the MongoDB protocol.
func mongoSchemas(t config.Targets) []mongodb.Schema {
	all := []mongodb.Schema{logmongo.Schema(), movingmongo.Schema()}
	if t.Has(config.TargetAuth) {
		all = append(all, authmongo.Schema())
	}
	if t.Has(config.TargetTask) {
		all = append(all, taskmongo.Schema())
	}
	if t.Has(config.TargetNotification) || t.Has(config.TargetAnalytics) {
		all = append(all, consumermongo.Schema())
	}
	if t.Has(config.TargetNotification) {
		all = append(all, noticemongo.Schema())
	}
	if t.Has(config.TargetAnalytics) {
		all = append(all, analyticsmongo.Schema())
	}
	return all
}

// sqliteMigrations make all tables of the database in the data folder.
func sqliteMigrations() []sqlitedb.Migrations {
	return append([]sqlitedb.Migrations{logsqlite.Migrations(), authsqlite.Migrations(), tasksqlite.Migrations(), consumersqlite.Migrations(), noticesqlite.Migrations()}, measuresMigrations()...)
}

// storeCommand is `headway store`.
func storeCommand(ctx context.Context, p *Program, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "check":
			return storeCheck(ctx, p, args[1:])
		case "init":
			return storeInit(ctx, p, args[1:])
		case "migrate":
			return storeMigrate(ctx, p, args[1:])
		}
	}
	p.say(p.Stderr, `headway: store takes one of these:
  headway store check                         Compare the store with what this version needs; changes nothing
  headway store init --sharded                Make collections and indexes, and spread them over a cluster's shards
  headway store migrate --from URL --to URL   Move the data to another store while it is used`)
	return errUsage
}

// storeCheck is `headway store check`.
func storeCheck(ctx context.Context, p *Program, args []string) error {
	cfg, err := p.settings(p.flags("store check"), args, 0, "no arguments")
	if err != nil {
		return err
	}
	findings, err := checkStore(ctx, cfg)
	if err != nil {
		return err
	}
	for _, f := range findings {
		p.say(p.Stdout, "%s.", capital(f))
	}
	if len(findings) > 0 {
		return fmt.Errorf("the store is not as this version needs it; findings: %d", len(findings))
	}
	p.say(p.Stdout, "The store is as this version needs it.")
	return nil
}

func checkStore(ctx context.Context, cfg config.Config) (findings []string, err error) {
	if !cfg.Store.Shared() {
		return sqlitedb.Check(ctx, cfg.Store.Folder(cfg.Data), sqliteMigrations()...)
	}
	db, err := mongodb.Open(ctx, mongodb.Options{URL: cfg.Store.URL})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return mongodb.Check(ctx, db, mongoSchemas(cfg.Target)...)
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
