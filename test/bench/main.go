// Command bench measures Headway as its users meet it: the real binary in a
// process of its own, driven over HTTP on loopback from this one, beside
// limits that are measured in the same run: a bare net/http handler that
// answers the same bytes, and a bare loop of inserts of the same rows.
// Everything is measured in rounds, one after the other, and the median of
// the rounds counts, so that what else the machine does hits all alike.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// run picks what this process is: the bench itself, or one of the limits that it starts beside the server.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to do: run or shapes")
	}
	switch args[0] {
	case "run":
		o, err := parse(args[1:])
		if err != nil {
			return err
		}
		return bench(ctx, o)
	case "shapes":
		o, err := parseShapes(args[1:])
		if err != nil {
			return err
		}
		return shapes(ctx, o)
	case "bare-http":
		return bareHTTP(ctx)
	case "bare-insert":
		if len(args) != 3 {
			return errors.New("bare-insert wants the database to copy and the one to write")
		}
		return bareInsert(ctx, args[1], args[2])
	}
	return fmt.Errorf("there is no %q to do: run or shapes", args[0])
}

// options say what is measured and for how long.
type options struct {
	binary string
	record string
	only   string
	rounds int
	// window is how long one measurement drives its target.
	window time.Duration
	// big and small are how many tasks the two workspaces compared hold.
	big, small int
	// streams and changes are the live streams and the changes a second.
	streams, changes int
	// export is the size of the Trello export imported, in bytes.
	export int64
	smoke  bool
}

func parse(args []string) (options, error) {
	var o options
	f := pflag.NewFlagSet("bench run", pflag.ContinueOnError)
	f.StringVar(&o.binary, "binary", "bin/headway", "the binary to measure")
	f.StringVar(&o.record, "record", "", "also write the table to this page")
	f.StringVar(&o.only, "only", "", "measure only what has this in its name")
	f.IntVar(&o.rounds, "rounds", 5, "how often everything is measured")
	f.DurationVar(&o.window, "window", 1500*time.Millisecond, "how long one measurement takes")
	f.IntVar(&o.big, "big", 100_000, "tasks in the big workspace")
	f.IntVar(&o.small, "small", 1_000, "tasks in the small workspace")
	f.IntVar(&o.streams, "streams", 1_000, "open live streams")
	f.IntVar(&o.changes, "changes", 200, "changes a second while they are open")
	f.Int64Var(&o.export, "export", 100<<20, "bytes of the Trello export imported")
	f.BoolVar(&o.smoke, "smoke", false, "run everything for a moment, to see that it works; the figures mean nothing")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.smoke {
		o.rounds, o.window = 1, 100*time.Millisecond
		o.big, o.small, o.streams, o.export = 600, 200, 20, 1<<20
	}
	var err error
	o.binary, err = built(o.binary)
	return o, err
}

// built answers where a binary is, and an error where it is not.
func built(binary string) (string, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(binary); err != nil {
		return "", fmt.Errorf("build the binary first (make build): %w", err)
	}
	return binary, nil
}
