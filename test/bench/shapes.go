package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"headway/internal/app/config"
	"headway/internal/platform/repeat"
	"headway/test/cluster/apart"
	"headway/test/load"
	"headway/test/servers"
)

// What is driven in each shape: workspaces with so many tasks each, by so many
// connections, of which a workspace has one or two at a time.
const (
	shapePlaces = 16
	shapeTasks  = 60
	shapeConns  = 16
)

// shapeOptions say how the shapes are compared.
type shapeOptions struct {
	binary string
	rounds int
	window time.Duration
	// rate is requests a second, the same for every shape; 0 is as fast as answers come.
	rate float64
}

func parseShapes(args []string) (shapeOptions, error) {
	var o shapeOptions
	f := pflag.NewFlagSet("bench shapes", pflag.ContinueOnError)
	f.StringVar(&o.binary, "binary", "bin/headway", "the binary to measure")
	f.IntVar(&o.rounds, "rounds", 5, "how often each shape is measured")
	f.DurationVar(&o.window, "window", 12*time.Second, "how long one measurement takes")
	f.Float64Var(&o.rate, "rate", 30, "requests a second to every shape; 0 asks as fast as answers come")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	o.binary, err = built(o.binary)
	return o, err
}

// shape is one way to run Headway, over stores of the same kind.
type shape struct {
	name   string
	addr   string
	client *client
	places []*place
	// processes are those whose processor time counts, by service; all is the sum.
	processes map[string][]*servers.Process
	figures   []figure
	// idle is the processor time that each service takes in a second without requests.
	idle map[string]time.Duration
	// share is each service's processor time for an answer, without that.
	share map[string][]time.Duration
}

// shapes compares what a request costs the processors of Headway's own
// processes: all services in one, each in one of its own behind nginx, and each
// in two. All run at the same time over the same servers, and are driven one
// after the other.
func shapes(ctx context.Context, o shapeOptions) error {
	owner := servers.NewOutside(ctx, "")
	var failed error
	owner.Run(func() { failed = compareShapes(ctx, owner, o) })
	if owner.Failed() {
		failed = errors.Join(failed, errors.New(owner.Failure()))
	}
	return failed
}

func compareShapes(ctx context.Context, t *servers.Outside, o shapeOptions) error {
	progress("starting the servers and three installations")
	behind := servers.Backing(t, servers.OnPostgres, false)
	settings := func() map[string]string {
		env := behind.Installation(t)
		env["HEADWAY_RATE_REQUESTS"] = "1000000000"
		return env
	}
	one := servers.Headway(t, "all in one", o.binary, settings())
	all := []*shape{{name: "all in one process", addr: one.Addr, processes: map[string][]*servers.Process{"all": {one}}}}
	for _, each := range []int{1, 2} {
		i := apart.Start(t, apart.Options{Binary: o.binary, Env: settings(), Each: each, Unlimited: true})
		s := &shape{name: fmt.Sprintf("apart, %d of each service", each), addr: i.Nginx.Addr, processes: map[string][]*servers.Process{}}
		for _, service := range i.Services {
			s.processes[service] = i.Processes(service)
		}
		all = append(all, s)
	}
	for _, s := range all {
		if err := s.settle(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	progress("idle")
	if err := idle(ctx, all, o.window); err != nil {
		return err
	}
	for round := range o.rounds {
		progress("round %d of %d", round+1, o.rounds)
		for n := range all { // each is the first at times
			s := all[(n+round)%len(all)]
			if err := s.measure(ctx, o); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	reportShapes(all)
	return nil
}

// settle makes somebody with workspaces that have something in them.
func (s *shape) settle(ctx context.Context) (err error) {
	s.share = map[string][]time.Duration{}
	if s.client, err = newClient(s.addr); err != nil {
		return err
	}
	if err := s.client.signIn(true); err != nil {
		return err
	}
	for range shapePlaces {
		p, err := s.client.settle(ctx, shapeTasks)
		if err != nil {
			return err
		}
		s.places = append(s.places, p)
	}
	return nil
}

// idle measures what the shapes take when nobody asks, all at the same time,
// once their consumers are through with what was made before.
func idle(ctx context.Context, all []*shape, window time.Duration) error {
	if !repeat.Pause(ctx, 4*window) {
		return ctx.Err()
	}
	for _, s := range all {
		s.idle = s.spent()
	}
	if !repeat.Pause(ctx, window) {
		return ctx.Err()
	}
	for _, s := range all {
		for service, used := range s.spent() {
			s.idle[service] = time.Duration(float64(used-s.idle[service]) / window.Seconds())
		}
	}
	return nil
}

// spent is each service's processor time so far.
func (s *shape) spent() map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, service := range s.services() {
		out[service] = s.used(service)
	}
	return out
}

func (s *shape) used(services ...string) (all time.Duration) {
	for _, service := range services {
		for _, p := range s.processes[service] {
			all += load.CPU(p.PID())
		}
	}
	return all
}

func (s *shape) services() []string {
	if _, one := s.processes["all"]; one {
		return []string{"all"}
	}
	return config.Names
}

// measure drives the shape for a while. Access tokens live for ten minutes.
func (s *shape) measure(ctx context.Context, o shapeOptions) error {
	if err := s.client.again(); err != nil {
		return err
	}
	if err := s.client.signIn(false); err != nil {
		return err
	}
	requests := s.requests()
	before := s.spent()
	f, err := drive(ctx, func() time.Duration { return s.used(s.services()...) }, s.addr, shapeConns, o.window, func(connection int) work {
		at := connection * len(requests) / shapeConns
		w := work{next: func() []byte {
			at++
			return requests[at%len(requests)]
		}}
		if o.rate > 0 {
			w.every = time.Duration(shapeConns / o.rate * float64(time.Second))
		}
		return w
	})
	if err != nil {
		return err
	}
	if f.Bad > 0 {
		return fmt.Errorf("%d answers were neither 2xx nor 304", f.Bad)
	}
	var all time.Duration
	for service, used := range s.spent() {
		one := time.Duration((float64(used-before[service])/o.window.Seconds() - float64(s.idle[service])) / f.Rate)
		s.share[service] = append(s.share[service], one)
		all += one
	}
	s.share[sum] = append(s.share[sum], all)
	s.figures = append(s.figures, f)
	return nil
}

// requests are what people ask for who work on boards, in all workspaces in
// turn: of forty, three create a task, eighteen read a page of tasks, ten a
// task, five how full the inbox is, one what was done in a month, three who they are.
func (s *shape) requests() (out [][]byte) {
	for n := range 40 {
		for at, p := range s.places {
			var path string
			method, body := "GET", []byte(nil)
			switch {
			case n%13 == 0 && n > 0:
				method, path = "POST", p.path("/tasks")
				body = fmt.Appendf(nil, `{"project":%q,"title":%q}`, p.projects[0], sampleTitle+fmt.Sprint(at))
			case n%2 == 1:
				path = p.path("/projects/" + p.projects[0].String() + "/tasks?limit=50")
			case n%4 == 0:
				path = p.path("/tasks/" + p.tasks[(n*7+at)%len(p.tasks)].String())
			case n == 2:
				path = p.path("/analytics/throughput")
			case n%12 == 6:
				path = api + "/auth/me"
			default:
				path = api + "/inbox/count"
			}
			out = append(out, load.Request(method, path, s.addr, s.client.token, nil, body))
		}
	}
	return out
}

func reportShapes(all []*shape) {
	fmt.Print("| shape | answers/s | p50 | p99 | CPU an answer | to the first | CPU a second when idle |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	first := middling(all[0].share[sum])
	for _, s := range all {
		f, cpu := median(s.figures), middling(s.share[sum])
		var idle time.Duration
		for _, one := range s.idle {
			idle += one
		}
		fmt.Printf("| %s | %.0f | %s | %s | %s | %.2f | %s |\n", s.name, f.Rate, short(f.P50), short(f.P99), short(cpu), float64(cpu)/float64(first), short(idle))
	}
	fmt.Print("\n| CPU an answer | 1 process | 2 processes | |\n| --- | ---: | ---: | ---: |\n")
	for _, service := range config.Names {
		one, two := middling(all[1].share[service]), middling(all[2].share[service])
		fmt.Printf("| %s | %s | %s | %s |\n", service, short(max(one, 0)), short(max(two, 0)), ratio(two, one))
	}
	fmt.Print("\nCPU is that of Headway's own processes, what they take when idle not counted.\n")
}

// ratio says how much of the second the first is; what the system's clock is
// too coarse for is a dash.
func ratio(of, to time.Duration) string {
	if of <= 0 || to <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", float64(of)/float64(to))
}

// sum is the key of all services together.
const sum = "sum"

func middling(of []time.Duration) time.Duration {
	return middle(of, func(d time.Duration) time.Duration { return d })
}
