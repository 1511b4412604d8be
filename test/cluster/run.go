package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"headway/test/cluster/apart"
	"headway/test/servers"
)

// run runs a cluster until ctx ends or it cannot start.
func run(ctx context.Context, o options) error {
	l, err := lock(o.folder)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // gives the folder back
	work := filepath.Join(o.folder, "run")
	for _, old := range []string{work, filepath.Join(o.folder, stateFile)} { // of one that was killed
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(work, 0o700); err != nil {
		return err
	}
	owner := servers.NewOutside(ctx, work)
	owner.Run(func() {
		c := launch(owner, o)
		state := c.serve(owner)
		if err := state.write(o.folder); err != nil {
			owner.Fatal(err)
		}
		state.print(os.Stdout)
		<-ctx.Done()
	})
	err = errors.Join(os.RemoveAll(filepath.Join(o.folder, stateFile)), os.RemoveAll(work))
	if owner.Failed() && ctx.Err() == nil {
		return errors.New("it did not start")
	}
	return err
}

// part is a process of the cluster.
type part struct {
	*servers.Process
	// health is where it says how it is, "" where it only runs.
	health string
}

// running is a cluster that has started.
type running struct {
	url   string
	links []link
	parts []part
}

// link is an address for a person.
type link struct{ Name, URL string }

// launch starts everything.
func launch(t servers.T, o options) *running {
	t.Helper()
	backing := servers.Backing(t, servers.OnPostgres, o.bus == "sqs")
	env := backing.Installation(t)
	env["HEADWAY_PUBLIC_URL"] = "http://localhost:" + strconv.Itoa(o.port)
	env["HEADWAY_AUTH_PER_ADDRESS"] = "1000" // everybody comes from this machine
	mails := servers.Mailpit(t)
	env["HEADWAY_MAIL_URL"] = mails.URL()
	i := apart.Start(t, apart.Options{
		Binary: o.binary, Env: env, Listen: "127.0.0.1:" + strconv.Itoa(o.port), Each: o.each, Assets: o.assets,
	})
	c := &running{url: env["HEADWAY_PUBLIC_URL"]}
	c.parts = append(c.parts, part{i.Nginx, i.URL + "/health/front"})
	var scrapes []servers.Scrape
	for _, service := range i.Services {
		scrape := servers.Scrape{Job: "headway-" + service}
		for _, p := range i.Processes(service) {
			c.parts = append(c.parts, part{p, "http://" + p.Addr + "/health/ready"})
			scrape.Targets = append(scrape.Targets, p.Addr)
		}
		scrapes = append(scrapes, scrape)
	}
	prometheus := servers.Prometheus(t, scrapes)
	c.links = append(c.links, link{"Web app", c.url}, link{"Mails", mails.Web}, link{"Prometheus", "http://" + prometheus.Addr})
	for _, p := range []*servers.Process{i.Inside, backing.Database.Process, backing.Database.Postgres.Process, backing.Redis.Process, backing.S3.Process, mails.Process, prometheus} {
		c.parts = append(c.parts, part{Process: p})
	}
	if backing.SQS != nil {
		c.parts = append(c.parts, part{Process: backing.SQS.Process})
	}
	return c
}

// shown is how many bytes are shown of what a cluster said that did not start.
const shown = 1 << 10

// start has a cluster run in the background and returns once it answers.
func start(ctx context.Context, o options) error {
	if err := free(o.folder); err != nil {
		return err
	}
	logName := filepath.Join(o.folder, "log")
	child, err := background(o, logName)
	if err != nil {
		return err
	}
	state, err := child.await(ctx, o.folder)
	if err != nil {
		text, _ := os.ReadFile(logName) // what can be shown of it
		return fmt.Errorf("%w; all that was said is in %s, it begins:\n%s", err, logName, text[:min(len(text), shown)])
	}
	state.print(os.Stdout)
	return nil
}
