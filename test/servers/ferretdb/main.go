// Command ferretdb serves the MongoDB protocol on PostgreSQL or SQLite, for
// the tests of the MongoDB adapters. It is a module of its own, so that what
// it needs is no dependency of Headway.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM or SIGINT.
func run() error {
	listen := flag.String("listen", "", "TCP address to serve on, HOST:PORT")
	postgres := flag.String("postgres", "", "keep the data in this PostgreSQL database, postgres://…")
	sqlite := flag.String("sqlite", "", "keep the data in SQLite files in this folder, file:/path/")
	flag.Parse()

	config := &ferretdb.Config{
		Listener:      ferretdb.ListenerConfig{TCP: *listen},
		Logger:        slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		PostgreSQLURL: *postgres,
		SQLiteURL:     *sqlite,
	}
	switch {
	case (*postgres == "") == (*sqlite == ""):
		return errors.New("say one of -postgres and -sqlite")
	case *postgres != "":
		config.Handler = "postgresql"
	default:
		config.Handler = "sqlite"
	}
	server, err := ferretdb.New(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	return server.Run(ctx)
}
