package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"headway/internal/app/config"
)

// load reads settings as a process would.
func load(t *testing.T, file string, env map[string]string, args ...string) (config.Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	l := config.NewLoader(flags)
	if file != "" {
		path := filepath.Join(t.TempDir(), "headway.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return l.Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestDefaultsAreValid(t *testing.T) {
	c, err := load(t, "", nil)
	if err != nil || c.Validate() != nil {
		t.Fatal(err, c.Validate())
	}
	if c.HTTP.Listen != ":8080" || c.Environment != config.Development || c.Data != "./data" {
		t.Errorf("%+v", c)
	}
}

func TestPrecedence(t *testing.T) {
	file := "environment: production\nhttp:\n  public_url: https://a.example\n  timeout: 10s\n  origins: [https://b.example, https://c.example]\nlog: {level: warn}\nrate: {requests: 7}\n"
	env := map[string]string{"HEADWAY_LOG_LEVEL": "error", "HEADWAY_HTTP_TIMEOUT": "20s"}
	c, err := load(t, file, env, "--log-level", "info", "--listen", ":1")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.Log.Level != "info" || c.HTTP.Timeout != 20*time.Second || len(c.HTTP.Origins) != 2 || c.HTTP.Listen != ":1" || c.Rate.Requests != 7 {
		t.Errorf("%+v", c)
	}
	if c.Log.Format != "json" || c.HTTP.DrainDelay != 5*time.Second {
		t.Errorf("the preset of production does not show: %+v", c)
	}
}

func TestUnreadableSettingsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		env  map[string]string
		want string
	}{
		"unknown key":     {"http:\n  lissten: :80\n", nil, "http.lissten"},
		"unknown part":    {"htttp: {listen: x}\n", nil, "htttp.listen"},
		"not YAML":        {"http: [", nil, "not YAML"},
		"not a duration":  {"http: {timeout: soon}\n", nil, "http.timeout"},
		"not a number":    {"", map[string]string{"HEADWAY_RATE_REQUESTS": "many"}, "HEADWAY_RATE_REQUESTS"},
		"key given twice": {"data: a\ndata: b\n", nil, "not YAML"},
	} {
		if _, err := load(t, c.file, c.env); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatCannotWorkIsRefused(t *testing.T) {
	production := []string{"--environment", "production", "--public-url", "https://a.example"}
	for want, args := range map[string][]string{
		"environment":              {"--environment", "prod"},
		"http.listen":              {"--listen", "8080"},
		"http.public_url":          {"--public-url", "https://a.example/headway"},
		"https address":            {"--environment", "production"},
		"http.origins":             append([]string{"--http-origins", "*"}, production...),
		"rate.requests":            append([]string{"--rate-requests", "0"}, production...),
		"log.level":                append([]string{"--log-level", "debug"}, production...),
		"http.trusted_proxies":     {"--http-trusted-proxies", "10.0.0.0/33"},
		"must be sqlite:":          {"--store-url", "mysql://db"},
		"the URL is not valid":     {"--store-url", "mongodb://db:port"},
		"auth.per_address must be": {"--auth-per-address", "0"},
		"bus.url must be auto":     {"--bus-url", "kafka://r"},
		"bus.url must name a":      {"--bus-url", "sqs://a_b"},
		"blobs.url must be":        {"--blobs-url", "file:///srv"},
		"blobs.url has an":         {"--blobs-url", "s3://bucket?zone=a"},
		"cache.url":                {"--cache-url", "redis://"},
		"sessions.url":             {"--sessions-url", "redis://r/first"},
		"rate.url":                 {"--rate-url", "memory"},
		"redis.url":                {"--redis-url", "http://r"},
		"http.compress":            {"--http-compress", "yes"},
		"data must name":           {"--data", ""},
		"metrics.listen":           {"--metrics-listen", "nine"},
	} {
		c, err := load(t, "", nil, args...)
		if err == nil {
			err = c.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	c, err := load(t, "", nil, production...)
	if err != nil || c.Validate() != nil {
		t.Error(err, c.Validate())
	}
}

func TestTargets(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	shared := []string{"--store-url", "mongodb://db/headway", "--redis-url", "redis://r", "--service-secret", secret}
	for want, args := range map[string][]string{
		`"mail" is none of them`:          {"--target", "auth,mail"},
		"target must be all, or a list":   {"--target", ""},
		"either all or a list":            {"--target", "all,auth"},
		"store.url must be a mongodb://":  {"--target", "auth", "--redis-url", "redis://r", "--service-secret", secret},
		"bus.url must be the address":     append([]string{"--target", "auth", "--bus-url", "memory:"}, shared...),
		"store.next must be a mongodb://": append([]string{"--target", "auth", "--store-next", "sqlite:/srv/next"}, shared...),
		"service.secret must be set":      {"--target", "auth", "--store-url", "mongodb://db/headway", "--redis-url", "redis://r"},
		"auth.url must be set":            append([]string{"--target", "task"}, shared...),
		"auth.url must be a scheme":       append([]string{"--target", "task", "--auth-url", "http://auth/jwks.json"}, shared...),
		"service.secret must have":        {"--service-secret", secret + ",short"},
		"service.secret must be at most":  {"--service-secret", strings.Repeat(","+secret, 5)},
		"where target is task,web: the p": {"--target", "task,web"},
	} {
		c, err := load(t, "", nil, args...)
		if err == nil {
			err = c.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	for _, args := range [][]string{
		{"--target", "web"},
		append([]string{"--target", "auth"}, shared...),
		append([]string{"--target", "task,auth"}, shared...),
		append([]string{"--target", "task", "--auth-url", "http://auth:8080"}, shared...),
		append([]string{"--target", "web,task", "--auth-url", "https://auth.internal"}, shared...),
	} {
		c, err := load(t, "", nil, args...)
		if err == nil {
			err = c.Validate()
		}
		if err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
	c, err := load(t, "target: [web, task]\nservice: {secret: "+secret+"}\n", nil)
	if err != nil || !c.Target.Part() || c.Target.Has("auth") || len(c.Service.Secret) != 1 || strings.Join(c.Target.List(), " ") != "task web" {
		t.Error(err, c.Target)
	}
	if text := fmt.Sprintf("%v %+v %#v", c.Service, c.Service.Secret, c.Service); strings.Contains(text, secret) {
		t.Error("a secret is shown")
	}
}

func TestReferenceIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != config.Reference() {
		t.Error("docs/configuration.md is not what `headway config reference` writes now; run make generate")
	}
}

func TestPartsShareTheOneRedis(t *testing.T) {
	c, err := load(t, "", nil, "--redis-url", "redis://one", "--cache-url", "redis://two", "--bus-url", "memory:")
	if err != nil || c.Validate() != nil {
		t.Fatal(err, c.Validate())
	}
	for setting, want := range map[string]string{c.Rate.URL: "redis://one", c.Cache.URL: "redis://two", c.Bus.URL: ""} {
		if got := c.Shared(setting); got != want {
			t.Errorf("%s: %q, want %q", setting, got, want)
		}
	}
	alone, err := load(t, "", nil)
	if err != nil || alone.Shared(alone.Bus.URL) != "" || alone.Shared(alone.Sessions.URL) != "" {
		t.Error("without a Redis something is shared", err)
	}
}

func TestNoPasswordIsTold(t *testing.T) {
	for _, flag := range []string{"--redis-url", "--cache-url", "--bus-url", "--rate-url", "--sessions-url"} {
		for _, address := range []string{"redis://:hidden@", "redis://:hidden%@r", "redis://u:hidden@r/x", "rediss://:hidden@r?x=1", "hidden"} {
			c, err := load(t, "", nil, flag, address)
			if err == nil {
				err = c.Validate()
			}
			if err == nil || strings.Contains(err.Error(), "hidden") && address != "hidden" {
				t.Errorf("%s %s: %v", flag, address, err)
			}
		}
	}
}
