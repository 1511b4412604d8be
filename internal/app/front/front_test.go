package front

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// example is a table in which services have parts of each other's trees.
func example() []Route {
	var t Table
	for _, path := range []string{"/api/v1/auth/sign-in", "/api/v1/auth/me", "/.well-known/jwks.json"} {
		t.Add("auth", path)
	}
	for _, path := range []string{
		"/api/v1/workspaces", "/api/v1/workspaces/{workspace}", "/api/v1/workspaces/{workspace}/tasks",
		"/api/v1/workspaces/{workspace}/tasks/{task}", "/api/v1/workspaces/{workspace}/search",
	} {
		t.Add("task", path)
	}
	t.add(Route{Service: "task", Path: "/api/v1/workspaces/{workspace}/events", Kind: Stream})
	t.Add("notification", "/api/v1/inbox")
	t.Add("notification", "/api/v1/inbox/{message}")
	t.Add("analytics", "/api/v1/workspaces/{workspace}/analytics/flow")
	t.Add("analytics", "/api/v1/usage")
	t.Add("task", "/api/v1/workspaces/{workspace}/analytics/{chart}/tasks")
	t.Add("analytics", "/api/v1/workspaces/{workspace}/analytics/{chart}")
	routes, err := t.Routes()
	if err != nil {
		panic(err)
	}
	return routes
}

// instance is a path as a client asks for it.
func instance(path string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f")
}

func TestEveryRouteIsReachedThroughTheLoadBalancer(t *testing.T) {
	l, err := ALB(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range example() {
		if got := l.Service(instance(r.Path)); got != r.Service {
			t.Errorf("%s goes to %q, not to %s", r.Path, got, r.Service)
		}
	}
	for path, want := range map[string]string{"/": "web", "/w/1/board": "web", "/assets/app-1.js": "web", "/metrics": "", "/internal/x": "", "/api/v1/nothing": "task"} {
		if got := l.Service(path); got != want {
			t.Errorf("%s goes to %q, not to %q", path, got, want)
		}
	}
	seen := map[int]bool{}
	for _, r := range l.Rules {
		if r.Priority < 1 || r.Priority > 50_000 || seen[r.Priority] {
			t.Errorf("priority %d is out of bounds or taken", r.Priority)
		}
		seen[r.Priority] = true
	}
}

func TestMoreThanALoadBalancerTakesIsRefused(t *testing.T) {
	var many, deep Table
	many.Add("task", "/api/v1/a")
	for i := range 100 {
		many.Add("auth", fmt.Sprintf("/x%d", i))
	}
	deep.Add("auth", "/{a}/{b}/{c}/{d}/{e}/x")
	deep.Add("task", "/{a}/{b}/{c}/{d}/{e}/y")
	deep.Add("task", "/{a}/{b}/{c}/{d}/{e}/z")
	for name, table := range map[string]Table{"rules": many, "wildcards": deep} {
		routes, err := table.Routes()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ALB(routes); err == nil {
			t.Errorf("too many %s were taken", name)
		}
	}
}

func TestARouteHasOneService(t *testing.T) {
	var table Table
	table.Add("auth", "/api/v1/me")
	table.Add("task", "/api/v1/me")
	table.Add("task", "/api/v1/a;b")
	_, err := table.Routes()
	for _, want := range []string{"of auth and of task", "no path"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not with %q", err, want)
		}
	}
}

func TestWhatNginxMustNotBeToldIsRefused(t *testing.T) {
	good := func() Nginx {
		return Nginx{Listen: "8080", MaxBody: 1, MaxUpload: 1, Timeout: time.Second, Upstreams: map[string][]string{
			"web": {"web:8080"}, "auth": {"auth:8080"}, "task": {"task:8080", "[::1]:8081"}, "analytics": {"a:1"}, "notification": {"n:1"},
		}}
	}
	n := good()
	var out bytes.Buffer
	if err := n.Write(&out, example()); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "{") != strings.Count(out.String(), "}") {
		t.Error("braces are not balanced")
	}
	for name, spoil := range map[string]func(*Nginx){
		"listen":      func(n *Nginx) { n.Listen = "8080; root /" },
		"folder":      func(n *Nginx) { n.Folder = "/tmp/x; include y" },
		"relative":    func(n *Nginx) { n.Assets = "web/dist" },
		"upstream":    func(n *Nginx) { n.Upstreams["web"] = []string{"web:80 down"} },
		"no upstream": func(n *Nginx) { n.Upstreams["task"] = nil },
		"trusted":     func(n *Nginx) { n.Trusted = []string{"all"} },
		"key":         func(n *Nginx) { n.Certificate = "/etc/cert.pem" },
		"limits":      func(n *Nginx) { n.MaxBody = 0 },
	} {
		n := good()
		spoil(&n)
		if err := n.Write(&out, example()); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
