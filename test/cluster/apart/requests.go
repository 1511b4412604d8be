package apart

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"headway/test/servers"
)

// Request is one that nginx passed on.
type Request struct {
	Method, Path string
	Status       int
	// Service is whose process answered it.
	Service string
}

// Requests ends nginx, which writes the rest of its log then, and answers the
// requests in it that it passed on.
func (i *Installation) Requests(t servers.T) []Request {
	t.Helper()
	i.Nginx.Stop()
	services := map[string]string{}
	for _, service := range i.Services {
		for _, addr := range i.addresses(service) {
			services[addr] = service
		}
	}
	log, err := os.Open(filepath.Join(i.folder, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // it was read only
	var out []Request
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Method, Path, Upstream string
			Status                 int
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("nginx's log: %v: %s", err, lines.Bytes())
		}
		tried := strings.Split(line.Upstream, ", ") // the last one answered
		if service := services[tried[len(tried)-1]]; service != "" {
			out = append(out, Request{line.Method, line.Path, line.Status, service})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
