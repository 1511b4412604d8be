//go:build servers

package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"headway/test/faults/schedule"
	"headway/test/servers"
)

// site is an installation behind nginx, over one database, one Redis and one
// mail server: two processes with the services that people come to, then two
// with those that consume events. Each has lines of its own to what it needs.
// The servers stay for all schedules, each of which gets a database of its own.
type site struct {
	patience  time.Duration // usual, where it is not said otherwise
	processes []*process
	lines     [][]lineTo    // of each process
	disk      *servers.Disk // of PostgreSQL; nil where this user can mount none
	database  *servers.FerretDBServer
	redis     *servers.RedisServer
	mail      *servers.MailServer
	nginx     *servers.Process
	front     *servers.Proxy // before nginx
	direct    *mongo.Client  // to the database, by no line that is broken
	measures  string         // the URL of the database of what is measured
}

// lineTo is a line that can be broken.
type lineTo struct {
	what string
	line *servers.Proxy
}

// What lines lead to.
const (
	toStore    = "the store"
	toRedis    = "Redis"
	toAuth     = "auth"
	toMeasures = "the measurements"
	toMail     = "the mail server"
)

// line answers the address of the line of a process to something.
func (s *site) line(process int, what string) string {
	for _, l := range s.lines[process] {
		if l.what == what {
			return l.line.Addr
		}
	}
	return ""
}

// build compiles the binary, with a clock that can be moved and build tags for
// what is planted in it.
func build(t *testing.T, tags ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "headway")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", strings.Join(append(tags, "movable_clock"), ","), "-o", binary, "headway/cmd/headway")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func newSite(t *testing.T, binary string) *site {
	t.Helper()
	s := &site{
		patience: usual, redis: servers.Redis(t),
		mail: servers.Mailpit(t, "--database", filepath.Join(t.TempDir(), "mails"), "--max", "0", "--quiet"),
	}
	folder := os.TempDir()
	var err error
	if s.disk, err = servers.SmallDisk(t, room); err == nil {
		folder = s.disk.Folder
	} else if !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	s.database = servers.FerretDBOver(t, servers.PostgresIn(t, folder))
	s.measures = s.database.Postgres.Database(t)
	database := s.database.StrictAddr(t)
	var addresses []string
	for i, target := range []string{"auth,task,web", "auth,task,web", "notification,analytics", "notification,analytics"} {
		p := &process{name: fmt.Sprintf("process %d", i+1), target: target, binary: binary, addr: servers.Loopback(t)}
		t.Cleanup(p.stop)
		s.processes = append(s.processes, p)
		addresses = append(addresses, p.addr)
		lines := []lineTo{{toStore, servers.NewProxy(t, database)}, {toRedis, servers.NewProxy(t, s.redis.Addr)}}
		if i >= outer {
			lines = append(lines,
				lineTo{toAuth, servers.NewProxy(t, addresses[i-outer])},
				lineTo{toMeasures, servers.NewProxy(t, s.database.Postgres.Addr)},
				lineTo{toMail, servers.NewProxy(t, s.mail.Addr)})
		}
		s.lines = append(s.lines, lines)
	}
	people, consumers := strings.Join(addresses[:outer], ","), strings.Join(addresses[outer:], ",")
	s.nginx = servers.Nginx(t, func(listen, folder string) string {
		cmd := exec.CommandContext(t.Context(), binary, "front", "nginx", "--front-listen", listen, "--folder", folder, "--requests", "0", "--connections", "0",
			"--upstream", "web="+people, "--upstream", "auth="+people, "--upstream", "task="+people,
			"--upstream", "notification="+consumers, "--upstream", "analytics="+consumers)
		cmd.Env = append(os.Environ(), "HEADWAY_DATA="+folder)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("headway front nginx: %v\n%s", err, out)
		}
		return "master_process off;\n" + string(out) // so that a signal reaches all of it
	})
	s.front = servers.NewProxy(t, s.nginx.Addr)
	if s.direct, err = mongo.Connect(options.Client().ApplyURI(s.database.URL("admin"))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.direct.Disconnect(context.Background()) }) // the server may be gone
	return s
}

// room is how many megabytes the disk of PostgreSQL has.
const room = 512

// outer is how many processes people come to; the others are behind.
const outer = 2

// doors are the addresses that clients come to: the front door and each process
// with the tasks.
func (s *site) doors() []string {
	out := []string{s.front.Addr}
	for _, p := range s.processes[:outer] {
		out = append(out, p.addr)
	}
	return out
}

// inboxes are where those are asked for.
func (s *site) inboxes() (out []string) {
	for _, p := range s.processes[outer:] {
		out = append(out, p.addr)
	}
	return out
}

// open starts the processes over a database of this name, those with the same
// services one after the other, so that they do not make its indexes at the same time.
func (s *site) open(t *testing.T, database string) {
	t.Helper()
	s.mail.Clear(t)
	for i, p := range s.processes {
		settings := []string{
			// Limits as for an installation whose database is near.
			"HEADWAY_STORE_URL=" + servers.MongoURL(s.line(i, toStore), database) + "&timeoutMS=2000&serverSelectionTimeoutMS=1000&connectTimeoutMS=1000",
			"HEADWAY_REDIS_URL=redis://" + s.line(i, toRedis) + "?prefix=" + database,
			"HEADWAY_HTTP_TRUSTED_PROXIES=127.0.0.1", "HEADWAY_SERVICE_SECRET=" + secret,
		}
		if i >= outer {
			settings = append(settings, "HEADWAY_AUTH_URL=http://"+s.line(i, toAuth), "HEADWAY_PUBLIC_URL=http://"+s.front.Addr,
				"HEADWAY_ANALYTICS_URL="+strings.Replace(s.measures, s.database.Postgres.Addr, s.line(i, toMeasures), 1),
				"HEADWAY_MAIL_URL=smtp://"+s.line(i, toMail)+"?tls=never")
		}
		p.run(t, t.TempDir(), settings...)
		p.ready(t)
	}
	for _, p := range s.processes {
		p.clock(func(p *process) { p.jumped = 0 })
	}
}

// secret is what the processes know each other by.
const secret = "what the processes of this test know each other by"

// close ends the processes and answers what a rebuild of the rows by the log says.
func (s *site) close(t *testing.T) (string, error) {
	t.Helper()
	for _, p := range s.processes {
		p.stop()
	}
	p := s.processes[0]
	cmd := exec.CommandContext(t.Context(), p.binary, "rebuild", "--verify", "--data", p.data)
	cmd.Env = append(os.Environ(), p.settings...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// possible are the faults that can be.
func (s *site) possible() (out []schedule.Possible) {
	for _, is := range s.targets() {
		out = append(out, schedule.Possible{Target: is.name, Faults: is.faults})
	}
	return out
}
