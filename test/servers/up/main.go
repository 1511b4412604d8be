// Command up starts the servers that Headway has in production, real ones, on
// free ports of this machine: a database of the MongoDB protocol, Redis, S3
// and, with -bus sqs, SQS. Nothing of theirs is left once it ends.
//
//	up [-bus streams|sqs] [-store postgresql|sqlite] [-shell]
//
// For each line that it reads from its input it answers with one line of JSON:
// the environment of a further installation, with a database, a bucket and
// names in Redis and SQS of its own. It ends at the end of its input, or by
// SIGTERM or SIGINT. With -shell it prints one environment for a shell instead,
// and runs until it is told to end.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sort"
	"syscall"

	"headway/test/servers"
)

func main() {
	bus := flag.String("bus", "streams", "what wakes consumers: `streams` (of Redis) or sqs")
	store := flag.String("store", string(servers.OnPostgres), "where the database keeps its data: `postgresql` or sqlite")
	shell := flag.Bool("shell", false, "print one environment for a shell, and wait")
	flag.Parse()
	if flag.NArg() > 0 || (*bus != "streams" && *bus != "sqs") {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	o := servers.NewOutside(ctx, "")
	o.Run(func() {
		a := &answerer{o, servers.Backing(o, servers.Backend(*store), *bus == "sqs")}
		if *shell {
			a.print(os.Stdout, a.behind.Installation(o))
			<-ctx.Done()
			return
		}
		a.answer(ctx, os.Stdin, os.Stdout)
	})
	stop()
	if o.Failed() {
		os.Exit(1)
	}
}

// answerer makes installations over the servers.
type answerer struct {
	owner  *servers.Outside
	behind *servers.BackingServices
}

// answer makes an installation for each line of in, until that ends or ctx does.
func (a *answerer) answer(ctx context.Context, in io.Reader, out io.Writer) {
	lines := make(chan struct{})
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			lines <- struct{}{}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-lines:
			if !ok {
				return
			}
			if err := json.NewEncoder(out).Encode(a.behind.Installation(a.owner)); err != nil {
				a.owner.Fatal(err)
			}
		}
	}
}

// print writes an environment as a shell reads it.
func (a *answerer) print(out io.Writer, env map[string]string) {
	names := make([]string, 0, len(env))
	for name := range env {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := fmt.Fprintf(out, "export %s='%s'\n", name, env[name]); err != nil {
			a.owner.Fatal(err)
		}
	}
}
