// Command sim spreads many workspaces over shards and works on them: the real
// event log, decisions and projections, each shard a store of its own, as the
// shards of a cluster are. Some workspaces are worked on far more than others
// (Zipf). It prints how even the shards come out and what an operation costs,
// for 1, 2, 4, 8 … shards, as ratios of one run on one machine. The shards work
// one after the other, so that none takes the machine from another.
// "sim capacity" prints the table of docs/scale.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sim:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) > 0 && args[0] == "capacity" {
		fmt.Print(capacity())
		return nil
	}
	var o options
	fs := pflag.NewFlagSet("sim", pflag.ContinueOnError)
	fs.IntVar(&o.Workspaces, "workspaces", 100_000, "How many workspaces there are")
	fs.IntVar(&o.Operations, "operations", 200_000, "How many changes are made in them")
	fs.IntVar(&o.Clients, "clients", 16, "How many clients there are at once for each shard")
	fs.Float64Var(&o.Exponent, "exponent", 1, "How uneven the work is: the n-th workspace gets 1/n to this power of the first one's")
	fs.IntSliceVar(&o.Shards, "shards", []int{1, 2, 4, 8}, "The numbers of shards to try, beginning with 1")
	fs.Uint64Var(&o.Seed, "seed", 1, "The seed of everything that is drawn")
	fs.StringVar(&o.Folder, "folder", "", "Where the stores are kept for the run; a temporary folder by default")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return nil
		}
		return err
	}
	if err := o.validate(); err != nil {
		return err
	}
	if o.Folder == "" {
		if o.Folder, err = os.MkdirTemp("", "headway-sim-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Folder)) }()
	}
	results, err := simulate(ctx, o, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return err
	}
	fmt.Printf("%d workspaces, %d changes of Zipf exponent %g, %d clients a shard; %s, %d processors.\n\n",
		o.Workspaces, o.Operations, o.Exponent, o.Clients, runtime.Version(), runtime.GOMAXPROCS(0))
	fmt.Print(report(results))
	return nil
}
