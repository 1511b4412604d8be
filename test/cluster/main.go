// Command cluster runs Headway as in production on this machine: nginx, each
// service in processes of its own, and the servers behind them, real ones.
//
//	cluster start [-folder F] [-port N] [-bus streams|sqs] [-each N] [-binary B] [-assets D]
//	cluster run    (the same, in the foreground)
//	cluster status [-folder F]
//	cluster stop   [-folder F]
//	cluster answer [-binary B] [-bus streams|sqs]
//
// start returns once everything answers, and prints where. Nothing is started
// again by itself; what was started ends with stop, SIGTERM or SIGINT, and its
// data with it. answer is for the browser's tests (answer.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// options are the command line's.
type options struct {
	folder, bus, binary, assets string
	port, each                  int
}

func main() {
	var o options
	fs := flag.NewFlagSet("cluster", flag.ExitOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "cluster start|run|status|stop|answer [flags]")
		fs.PrintDefaults()
	}
	fs.StringVar(&o.folder, "folder", "./cluster", "the `folder` for what it keeps while it runs")
	fs.StringVar(&o.bus, "bus", "streams", "what wakes consumers: `streams` (of Redis) or sqs")
	fs.StringVar(&o.binary, "binary", "bin/headway", "the `file` of the program headway")
	fs.StringVar(&o.assets, "assets", "", "a `folder` with the built web app, for nginx to serve; without it the web service does")
	fs.IntVar(&o.port, "port", 8080, "the port of nginx, on loopback")
	fs.IntVar(&o.each, "each", 2, "how many processes each service has")
	if len(os.Args) < 2 {
		fs.Usage()
		os.Exit(2)
	}
	_ = fs.Parse(os.Args[2:]) // ends the program where it fails
	if err := o.complete(fs.NArg()); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(2)
	}
	commands := map[string]func(context.Context, options) error{
		"start": start, "run": run, "status": status, "stop": stop, "answer": answer,
	}
	command, ok := commands[os.Args[1]]
	if !ok {
		fs.Usage()
		os.Exit(2)
	}
	ctx, end := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := command(ctx, o)
	end()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// complete checks the options and makes paths absolute.
func (o *options) complete(further int) error {
	if further > 0 {
		return errors.New("flags alone come after the command")
	}
	if o.bus != "streams" && o.bus != "sqs" {
		return fmt.Errorf("-bus must be streams or sqs, is %q", o.bus)
	}
	if o.each < 1 || o.each > 8 {
		return fmt.Errorf("-each must be from 1 to 8, is %d", o.each)
	}
	if o.port < 1 || o.port > 65535 {
		return fmt.Errorf("-port must be from 1 to 65535, is %d", o.port)
	}
	for _, path := range []*string{&o.folder, &o.binary, &o.assets} {
		if *path == "" {
			continue
		}
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}
