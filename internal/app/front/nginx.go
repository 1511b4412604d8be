package front

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/go-json-experiment/json"

	"headway/internal/apperr"
	"headway/internal/platform/rest"
	"headway/internal/platform/server"
)

// Nginx is what the nginx configuration is made for.
type Nginx struct {
	// Listen is the address that clients come to, such as 80 or 127.0.0.1:8080.
	Listen string
	// Certificate and Key are files in PEM; with them clients come by TLS.
	Certificate, Key string
	// Upstreams are the addresses of each service's processes, HOST:PORT.
	Upstreams map[string][]string
	// Trusted are the proxies in front whose X-Forwarded-For is believed.
	Trusted []string
	// Assets is a folder with the web app as it was built (web/dist), from which
	// nginx then serves what never changes; "" has the web service do it.
	Assets string
	// Brotli is the file of nginx's brotli_static module; "" does without it.
	Brotli string
	// Folder is where nginx keeps its pid, logs and temporary files; "" is
	// where it was built to, with errors and accesses on standard output.
	Folder string
	// Connections and Requests bound one client's open connections, and its
	// requests a second; 0 does not.
	Connections, Requests int
	// MaxBody and MaxUpload are the largest bodies, in bytes.
	MaxBody, MaxUpload int64
	// Timeout is how long the services let a request take.
	Timeout time.Duration
}

//go:embed nginx.conf.tmpl
var nginxText string

var nginxTemplate = template.Must(template.New("nginx.conf").Funcs(template.FuncMap{
	"seconds": func(d time.Duration) int { return int(d.Round(time.Second) / time.Second) },
	"problem": problem,
}).Parse(nginxText))

// view is what the template sees.
type view struct {
	Nginx
	Services  []service
	Locations []location
	// Affine are regular expressions whose first group is the workspace in a path.
	Affine []string
	// Headers are what the web service puts on the app's files.
	Headers []header
}

type header struct{ Name, Value string }

type service struct {
	Name      string
	Addresses []string
	// Affine says that the service has routes of workspaces.
	Affine bool
}

// location is a part of the addresses.
type location struct {
	Pattern, Service string
	Kind             Kind
}

// Stream reports whether answers are streams of events.
func (l location) Stream() bool { return l.Kind == Stream }

// Upload reports whether bodies are files.
func (l location) Upload() bool { return l.Kind == Upload }

// Write writes the configuration, a whole nginx.conf.
func (n *Nginx) Write(w io.Writer, routes []Route) error {
	v := view{Nginx: *n}
	if err := n.check(); err != nil {
		return err
	}
	affine := map[string]bool{}
	for _, r := range routes {
		if before, _, ok := strings.Cut(r.Path, workspace); ok {
			affine[r.Service] = true
			if p := "^" + pattern(before) + "([^/]+)"; !slices.Contains(v.Affine, p) {
				v.Affine = append(v.Affine, p)
			}
		}
		if r.Kind != Plain {
			v.Locations = append(v.Locations, location{Pattern: "^" + pattern(r.Path) + "$", Service: r.Service, Kind: r.Kind})
		}
	}
	used := map[string]bool{Web: true}
	for _, r := range Rules(routes) {
		end := "(?:/|$)"
		if r.Exact {
			end = "$"
		}
		v.Locations = append(v.Locations, location{Pattern: "^" + pattern(r.Path) + end, Service: r.Service})
		used[r.Service] = true
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if len(n.Upstreams[name]) == 0 {
			return fmt.Errorf("no upstream was named for the service %s", name)
		}
		v.Services = append(v.Services, service{Name: name, Addresses: n.Upstreams[name], Affine: affine[name]})
	}
	web := server.WebHeaders(n.Certificate != "")
	for _, name := range slices.Sorted(maps.Keys(web)) {
		v.Headers = append(v.Headers, header{name, strings.Join(web[name], ", ")})
	}
	return nginxTemplate.Execute(w, v)
}

// pattern is a path as a regular expression of nginx (PCRE).
func pattern(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if parameter(part) {
			parts[i] = "[^/]+"
		} else {
			parts[i] = regexp.QuoteMeta(part)
		}
	}
	return strings.Join(parts, "/")
}

var (
	addressText = regexp.MustCompile(`^[A-Za-z0-9._\[\]:-]+:[0-9]{1,5}$`)
	listenText  = regexp.MustCompile(`^([A-Za-z0-9._\[\]:-]+:)?[0-9]{1,5}$`)
)

// check answers what nginx must not be told, each with the option's name.
func (n *Nginx) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !listenText.MatchString(n.Listen) {
		wrong("listen must be a port or HOST:PORT, is %q", n.Listen)
	}
	if (n.Certificate == "") != (n.Key == "") {
		wrong("a certificate needs its key, and a key its certificate")
	}
	for _, file := range []string{n.Certificate, n.Key, n.Assets, n.Brotli, n.Folder} {
		if file != "" && (!filepath.IsAbs(file) || strings.ContainsAny(file, " \t\r\n\"'\\;{}$")) {
			wrong("%q must be an absolute path without spaces, quotes, braces, semicolons or dollars", file)
		}
	}
	for name, addresses := range n.Upstreams {
		for _, a := range addresses {
			if !addressText.MatchString(a) {
				wrong("an upstream of %s must be HOST:PORT, is %q", name, a)
			}
		}
	}
	for _, t := range n.Trusted {
		if _, err := netip.ParseAddr(t); err == nil {
			continue
		}
		if _, err := netip.ParsePrefix(t); err != nil {
			wrong("a trusted proxy must be an address or a network such as 10.0.0.0/8, is %q", t)
		}
	}
	if n.Connections < 0 || n.Requests < 0 || n.MaxBody <= 0 || n.MaxUpload <= 0 || n.Timeout < time.Second {
		wrong("the limits must be positive")
	}
	return errors.Join(errs...)
}

// ReadTimeout is how long nginx waits for a service: a little longer than the
// service lets a request take.
func (v view) ReadTimeout() time.Duration { return v.Timeout + 5*time.Second }

// Burst is how many requests of one client pass at once: ten seconds' worth.
func (v view) Burst() int { return 10 * v.Requests }

// problem is the document (RFC 9457) that nginx answers with where no service does.
func problem(code apperr.Code, detail string) (string, error) {
	body, err := json.Marshal(rest.NewProblem(apperr.New(code, "%s", detail), ""))
	return string(body), err
}
