//go:build servers

package app

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"headway/internal/app/config"
	"headway/test/servers"
)

// standIn is a process that only says who it is and what reached it.
type standIn struct {
	*httptest.Server
	name string
}

func newStandIn(t *testing.T, name string) *standIn {
	t.Helper()
	s := &standIn{name: name}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		h := w.Header()
		h.Set("X-Name", name)
		h.Set("X-Saw", r.RequestURI)
		h.Set("X-Length", fmt.Sprint(n))
		h.Set("X-Client", strings.Join(r.Header.Values("X-Forwarded-For"), "|"))
		h.Set("X-Request-Id", r.Header.Get("X-Request-Id"))
		h.Set("X-Accepts", r.Header.Get("Accept-Encoding"))
		h.Set("X-Others", r.Header.Get("Forwarded")+r.Header.Get("X-Real-IP")+r.Header.Get("X-Forwarded-Host"))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) addr() string { return s.Listener.Addr().String() }

// startFront starts nginx as the command configures it and answers its address.
// Services that the arguments do not place are nowhere.
func startFront(t *testing.T, args ...string) (url string, nginx *servers.Process) {
	t.Helper()
	placed := strings.Join(args, " ")
	for _, name := range config.Names {
		if !strings.Contains(placed, "--upstream "+name+"=") {
			args = append(args, "--upstream", name+"=127.0.0.1:9")
		}
	}
	nginx = servers.Nginx(t, func(listen, folder string) string {
		p, stdout, stderr := program(append([]string{"front", "nginx", "--front-listen", listen, "--folder", folder}, args...)...)
		if code := Main(p); code != 0 {
			t.Fatalf("headway front nginx: %d %s", code, stderr)
		}
		return stdout.String()
	})
	return "http://" + nginx.Addr, nginx
}

// ask sends a request as a plain client does, without following or unpacking.
func ask(t *testing.T, method, url string, headers map[string]string, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res, string(text)
}

var braces = regexp.MustCompile(`\{[^}]*\}`)

// TestNginxSendsEachRouteToItsService: what the services put on the API is
// reached through nginx, what is not for clients is not, and what a client says
// of itself is not believed.
func TestNginxSendsEachRouteToItsService(t *testing.T) {
	args := []string{"--requests", "0"}
	all := map[string]*standIn{}
	for _, name := range config.Names {
		all[name] = newStandIn(t, name)
		args = append(args, "--upstream", name+"="+all[name].addr())
	}
	url, _ := startFront(t, args...)
	routes, err := Routes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(routes) < 40 {
		t.Fatalf("there are only %d routes", len(routes))
	}
	for _, r := range routes {
		path := braces.ReplaceAllString(r.Path, "0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")
		res, _ := ask(t, http.MethodGet, url+path, nil, nil)
		if got := res.Header.Get("X-Name"); got != r.Service {
			t.Errorf("%s goes to %q, not to %s", path, got, r.Service)
		}
	}
	for path, want := range map[string]string{
		"/": "web", "/w/1/p/2?q=a%20b": "web", "/assets/app-1.js": "web", "/health/ready": "web", "/api/v1/authors": "task", "/metricsx": "web",
		"/metrics": "", "/metrics/x": "", "/internal": "", "/internal/tokens": "", "/%6detrics": "", "//metrics": "", "/a/../metrics": "",
		"/a/..%2fmetrics": "", "/./internal/x": "", "/%2e/internal/x": "", "/debug/pprof/": "",
	} {
		res, body := ask(t, http.MethodGet, url+path, nil, nil)
		if got := res.Header.Get("X-Name"); got != want {
			t.Errorf("%s goes to %q, not to %q", path, got, want)
		}
		if want == "" && (res.StatusCode != http.StatusNotFound || !strings.Contains(body, `"code":"not_found"`) || res.Header.Get("Content-Type") != "application/problem+json") {
			t.Errorf("%s is %d %s", path, res.StatusCode, body)
		}
		if want != "" && res.Header.Get("X-Saw") != path {
			t.Errorf("%s arrives as %s", path, res.Header.Get("X-Saw"))
		}
	}

	spoofed := map[string]string{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-Ip": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Request-Id": "abc-1"}
	res, _ := ask(t, http.MethodGet, url+"/", spoofed, nil)
	if got := res.Header.Get("X-Client"); got != "127.0.0.1" || res.Header.Get("X-Others") != "" {
		t.Errorf("the client is %q, and %q passed", got, res.Header.Get("X-Others"))
	}
	if got := res.Header.Get("X-Request-Id"); got != "abc-1" {
		t.Errorf("the request's id arrives as %q", got)
	}
	res, _ = ask(t, http.MethodGet, url+"/", map[string]string{"X-Request-Id": "a b\"{}"}, nil)
	if got := res.Header.Get("X-Request-Id"); !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(got) {
		t.Errorf("an id that is none arrives as %q", got)
	}
	trusting, _ := startFront(t, append(args, "--trusted", "127.0.0.0/8,10.0.0.0/8")...)
	res, _ = ask(t, http.MethodGet, trusting+"/", map[string]string{"X-Forwarded-For": "203.0.113.9, 198.51.100.7, 10.1.2.3"}, nil)
	if got := res.Header.Get("X-Client"); got != "198.51.100.7" {
		t.Errorf("behind trusted proxies the client is %q", got)
	}

	big := bytes.Repeat([]byte("x"), 2<<20)
	res, body := ask(t, http.MethodPost, url+"/api/v1/workspaces/1/tasks", nil, bytes.NewReader(big))
	if res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(body, `"code":"too_large"`) {
		t.Errorf("a body that is too large is %d %s", res.StatusCode, body)
	}
	res, _ = ask(t, http.MethodPost, url+"/api/v1/workspaces/1/imports", nil, bytes.NewReader(big))
	if res.Header.Get("X-Length") != fmt.Sprint(len(big)) {
		t.Errorf("an upload is %d, with %s bytes", res.StatusCode, res.Header.Get("X-Length"))
	}
	all["auth"].Close()
	res, body = ask(t, http.MethodPost, url+"/api/v1/auth/sign-in", nil, nil)
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || !strings.Contains(body, `"code":"unavailable"`) {
		t.Errorf("without the service it is %d %s", res.StatusCode, body)
	}
}

// TestAWorkspaceStaysWithItsProcess: requests of a workspace go to one process;
// where that goes, only its workspaces move; when it is back, they are back.
func TestAWorkspaceStaysWithItsProcess(t *testing.T) {
	var processes []*standIn
	var addresses []string
	for i := range 3 {
		s := newStandIn(t, fmt.Sprintf("task-%d", i))
		processes, addresses = append(processes, s), append(addresses, s.addr())
	}
	url, _ := startFront(t, "--upstream", "auth="+addresses[0], "--upstream", "web="+addresses[0], "--upstream", "task="+strings.Join(addresses, ","), "--requests", "0")
	const workspaces = 120
	where := func() (out [workspaces]string) {
		for i := range out {
			path := fmt.Sprintf("%s/api/v1/workspaces/0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d%04x/", url, i)
			for _, rest := range []string{"tasks", "sync?since=1"} {
				// A write that reached nobody may go to another process as well.
				res, body := ask(t, http.MethodPost, path+rest, nil, strings.NewReader("{}"))
				if res.StatusCode != http.StatusOK {
					t.Fatalf("%s is %d %s", rest, res.StatusCode, body)
				}
				name := res.Header.Get("X-Name")
				if out[i] != "" && out[i] != name {
					t.Errorf("workspace %d is at %s and at %s", i, out[i], name)
				}
				out[i] = name
			}
		}
		return out
	}
	before := where()
	share := map[string]int{}
	for _, name := range before {
		share[name]++
	}
	for _, p := range processes {
		if share[p.name] < workspaces/10 {
			t.Errorf("%s has %d of %d workspaces", p.name, share[p.name], workspaces)
		}
	}
	gone := processes[1]
	gone.Close()
	for i, name := range where() {
		if before[i] != gone.name && name != before[i] {
			t.Errorf("workspace %d moved from %s to %s, which had no need", i, before[i], name)
		}
		if name == gone.name {
			t.Errorf("workspace %d is at a process that is gone", i)
		}
	}
}

// TestNginxServesWhatNeverChanges: files of the web app come compressed by what
// the client takes, for ever, with the security headers once.
func TestNginxServesWhatNeverChanges(t *testing.T) {
	web := newStandIn(t, "web")
	folder := t.TempDir()
	for name, text := range map[string]string{"app-1.js": "plain", "app-1.js.br": "as brotli", "app-1.js.gz": "as gzip"} {
		path := filepath.Join(folder, "assets", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	url, _ := startFront(t, "--upstream", "web="+web.addr(), "--upstream", "auth="+web.addr(), "--upstream", "task="+web.addr(),
		"--assets", folder, "--brotli", servers.Brotli(t))
	for accepts, want := range map[string]string{"br, gzip": "as brotli", "gzip": "as gzip", "": "plain"} {
		res, body := ask(t, http.MethodGet, url+"/assets/app-1.js", map[string]string{"Accept-Encoding": accepts}, nil)
		if body != want || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("who takes %q gets %q, kept as %q", accepts, body, res.Header.Get("Cache-Control"))
		}
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Cache-Control", "Vary"} {
			if n := len(res.Header.Values(name)); n != 1 {
				t.Errorf("%s is there %d times", name, n)
			}
		}
	}
	res, _ := ask(t, http.MethodGet, url+"/assets/app-2.js", map[string]string{"Accept-Encoding": "br"}, nil)
	if res.Header.Get("X-Name") != "web" || res.Header.Get("X-Accepts") != "br" {
		t.Errorf("another version's file is %d, asked for with %q", res.StatusCode, res.Header.Get("X-Accepts"))
	}
}
