// Package apart runs one installation of Headway as in production: every
// service in processes of its own, behind nginx.
package apart

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	"headway/internal/app/config"
	"headway/test/servers"
)

// Options say what an installation is made of.
type Options struct {
	// Binary is the file of the program headway.
	Binary string
	// Env are the settings that all processes share, as
	// servers.BackingServices.Installation answers them and more.
	Env map[string]string
	// Listen is nginx's address, HOST:PORT; "" picks a free one.
	Listen string
	// Each is how many processes a service has; 0 is two.
	Each int
	// Assets is a folder with the built web app, which nginx serves then; ""
	// has the web service do it.
	Assets string
	// Unlimited has nginx let one address ask as often as it likes.
	Unlimited bool
}

// Installation runs until who started it ends.
type Installation struct {
	// URL is where people come to, without a slash at the end.
	URL string
	// Secret is what its services know each other by.
	Secret string
	// Services are the names of the services, in the order of their start.
	Services []string
	// Nginx is the front door, Inside the door through which services reach auth.
	Nginx, Inside *servers.Process

	env       map[string]string
	folder    string // nginx's
	processes map[string][]*servers.Process
}

// Start starts an installation and returns once it answers at its front door.
func Start(t servers.T, o Options) *Installation {
	t.Helper()
	if o.Each == 0 {
		o.Each = 2
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // answers nil, or ends the program
	i := &Installation{
		Secret: hex.EncodeToString(secret), Services: config.Names,
		env: maps.Clone(o.Env), processes: map[string][]*servers.Process{},
	}
	i.env["HEADWAY_SERVICE_SECRET"] = i.Secret
	i.env["HEADWAY_HTTP_TRUSTED_PROXIES"] = "127.0.0.1"
	for _, service := range i.Services { // auth is the first, which the others ask
		for n := range o.Each {
			i.processes[service] = append(i.processes[service],
				servers.Headway(t, fmt.Sprintf("%s %d", service, n+1), o.Binary, i.env, "--target", service))
		}
		if service == config.TargetAuth {
			i.Inside = servers.NginxAt(t, "nginx inside", "", func(listen, folder string) string {
				return inside(listen, folder, i.addresses(service))
			})
			i.env["HEADWAY_AUTH_URL"] = "http://" + i.Inside.Addr
		}
	}
	i.Nginx = servers.NginxAt(t, "nginx", o.Listen, func(listen, folder string) string {
		i.folder = folder
		args := []string{"front", "nginx", "--front-listen", listen, "--folder", folder}
		for _, service := range i.Services {
			args = append(args, "--upstream", service+"="+strings.Join(i.addresses(service), ","))
		}
		if o.Unlimited {
			args = append(args, "--requests", "0", "--connections", "0")
		}
		if o.Assets != "" {
			args = append(args, "--assets", o.Assets, "--brotli", servers.Brotli(t))
		}
		out, err := exec.CommandContext(t.Context(), o.Binary, args...).Output()
		if err != nil {
			t.Fatalf("headway front nginx: %v", err)
		}
		return string(out)
	})
	i.URL = "http://" + i.Nginx.Addr
	i.await(t)
	return i
}

// Env answers the settings that its processes share, for further commands over the same data.
func (i *Installation) Env() map[string]string { return maps.Clone(i.env) }

// Processes are those of the named services, of all where none is named.
func (i *Installation) Processes(services ...string) []*servers.Process {
	var out []*servers.Process
	for _, service := range i.Services {
		if len(services) == 0 || slices.Contains(services, service) {
			out = append(out, i.processes[service]...)
		}
	}
	return out
}

// Kill ends all processes of the named services, or of all, as a power cut would.
func (i *Installation) Kill(services ...string) {
	for _, p := range i.Processes(services...) {
		p.Kill()
	}
}

// Stop has all processes of the named services, or of all, end in good order.
func (i *Installation) Stop(services ...string) {
	for _, p := range i.Processes(services...) {
		p.Stop()
	}
}

// Up starts every process again that does not run, and returns once nginx
// reaches each service.
func (i *Installation) Up(t servers.T) {
	t.Helper()
	for _, p := range i.Processes() {
		if p.PID() == 0 {
			p.Start(t)
		}
	}
	i.await(t)
}

// Tail is the end of every process's log.
func (i *Installation) Tail() string {
	var out strings.Builder
	for _, p := range append(i.Processes(), i.Nginx) {
		fmt.Fprintf(&out, "--- %s\n%s\n", p.Name(), p.Tail())
	}
	return out.String()
}

func (i *Installation) addresses(service string) []string {
	var out []string
	for _, p := range i.processes[service] {
		out = append(out, p.Addr)
	}
	return out
}

// probes are addresses that a process of each service answers at once.
var probes = map[string]string{
	config.TargetAuth:         "/.well-known/jwks.json",
	config.TargetTask:         "/api/v1/workspaces",
	config.TargetNotification: "/api/v1/inbox",
	config.TargetAnalytics:    "/api/v1/workspaces/0/analytics/throughput",
	config.TargetWeb:          "/",
}

// await returns once nginx reaches every service: one that could not be
// reached is left alone for a few seconds.
func (i *Installation) await(t servers.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, service := range i.Services {
		for {
			status, err := get(ctx, i.URL+probes[service])
			if err == nil && status < http.StatusInternalServerError {
				break
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%s is not reached through nginx: %d %v", service, status, err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

func get(ctx context.Context, url string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// inside is nginx's configuration for what services ask the auth service: one
// address for its processes, as a load balancer inside of a network is.
func inside(listen, folder string, upstreams []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "worker_processes 1;\npid %[1]s/nginx.pid;\nerror_log %[1]s/error.log warn;\nevents { worker_connections 256; }\nhttp {\n\taccess_log off;\n", folder)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "\t%s_temp_path %s/%s;\n", kind, folder, kind)
	}
	b.WriteString("\tupstream auth {\n")
	for _, addr := range upstreams {
		fmt.Fprintf(&b, "\t\tserver %s max_fails=1 fail_timeout=2s;\n", addr)
	}
	fmt.Fprintf(&b, "\t}\n\tserver {\n\t\tlisten %s;\n\t\tlocation / {\n\t\t\tproxy_pass http://auth;\n\t\t\tproxy_connect_timeout 1s;\n\t\t}\n\t}\n}\n", listen)
	return b.String()
}
