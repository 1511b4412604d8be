package servers

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
)

// Scrape are processes that Prometheus asks for /metrics, HOST:PORT, under one name.
type Scrape struct {
	Job     string
	Targets []string
}

// Prometheus starts Prometheus, which asks every five seconds and keeps a day.
func Prometheus(t T, scrapes []Scrape) *Process {
	t.Helper()
	program, folder := program(t, "prometheus"), t.TempDir()
	type targets struct {
		Targets []string `json:"targets"`
	}
	type job struct {
		Name    string    `json:"job_name"`
		Configs []targets `json:"static_configs"`
	}
	jobs := []job{}
	for _, s := range scrapes {
		jobs = append(jobs, job{s.Job, []targets{{s.Targets}}})
	}
	file := filepath.Join(folder, "prometheus.yml") // JSON is YAML
	text, err := json.Marshal(map[string]any{"global": map[string]string{"scrape_interval": "5s"}, "scrape_configs": jobs})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, spec{
		name: "Prometheus",
		command: func(addr string) (string, []string) {
			return program, []string{
				"--config.file", file, "--web.listen-address", addr,
				"--storage.tsdb.path", filepath.Join(folder, "data"), "--storage.tsdb.retention.time", "1d",
			}
		},
		ready: func(ctx context.Context, addr string) error { return Healthy(ctx, "http://"+addr+"/-/ready") },
	})
}
