// Package config holds Headway's settings: what each means, where its value
// comes from, and what makes a combination impossible. A value comes from a
// flag, else the environment, else the settings file, else the preset of the
// environment that the process runs in, else the default.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"headway/internal/platform/blob/s3"
	"headway/internal/platform/bus/sqs"
	"headway/internal/platform/mongodb"
)

// Config is every setting of a process.
type Config struct {
	// Environment names the preset: development, staging or production.
	Environment Environment
	// Target is what the process runs, Service what processes with a part each have in common.
	Target  Targets
	Service Service
	// Data is the folder of the embedded stores.
	Data string
	HTTP HTTP
	Load Load
	Log  Log
	// Store, Bus, Cache, Rate and Sessions choose the adapters by URL; Redis is
	// where those that can be shared go unless they say otherwise.
	Store    Store
	Redis    Redis
	Bus      Bus
	Cache    Cache
	Sessions Sessions
	Rate     Rate
	Blobs    Blobs
	Live     Live
	// MetricsListen is the address of a listener for /metrics alone, "" for none.
	MetricsListen string
	Auth          Auth
	Mail          Mail
	Task          Task
	Analytics     Analytics
}

// Environment is what kind of installation a process belongs to.
type Environment string

// The environments.
const (
	Development Environment = "development"
	Staging     Environment = "staging"
	Production  Environment = "production"
)

// HTTP is how the process is reached.
type HTTP struct {
	// Listen is a host and port; the host may be empty.
	Listen string
	// PublicURL is where people reach the web app, "" for wherever they do.
	PublicURL      string
	Origins        []string
	TrustedProxies []string
	MaxBody        int64 // bytes
	Timeout        time.Duration
	Compress       string // auto, always or never
	DrainDelay     time.Duration
	DrainTimeout   time.Duration
}

// Secure reports whether people reach the process by https.
func (c HTTP) Secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// Proxies answers the trusted proxies. They are valid once Validate was called.
func (c HTTP) Proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range c.TrustedProxies {
		if p, err := parsePrefix(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func parsePrefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// Validate answers what is wrong, each error naming its setting.
func (c HTTP) Validate() []error {
	var errs []error
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || port == "" {
		errs = append(errs, wrong("http.listen", "must be a host and a port such as :8080 or 127.0.0.1:8080, is %q", c.Listen))
	}
	if c.PublicURL != "" {
		if !origin(c.PublicURL) {
			errs = append(errs, wrong("http.public_url", "must be a scheme and a host such as https://headway.example.org, without a path, is %q", c.PublicURL))
		}
	}
	for _, o := range c.Origins {
		if o != "*" && !origin(o) {
			errs = append(errs, wrong("http.origins", "each must be a scheme and a host such as https://app.example.org, %q is not", o))
		}
	}
	for _, p := range c.TrustedProxies {
		if _, err := parsePrefix(p); err != nil {
			errs = append(errs, wrong("http.trusted_proxies", "each must be an address or a network such as 10.0.0.0/8, %q is not", p))
		}
	}
	if c.MaxBody < 16<<10 {
		errs = append(errs, wrong("http.max_body", "must be at least 16384 bytes, is %d", c.MaxBody))
	}
	if c.Timeout < time.Second {
		errs = append(errs, wrong("http.timeout", "must be at least 1s, is %s", c.Timeout))
	}
	errs = append(errs, oneOf("http.compress", c.Compress, "auto", "always", "never")...)
	if c.DrainDelay < 0 || c.DrainTimeout < time.Second {
		errs = append(errs, wrong("http.drain_timeout", "must be at least 1s, and http.drain_delay not negative"))
	}
	return errs
}

// Log is what is logged and how.
type Log struct {
	Level    string // debug, info, warn or error
	Format   string // json or text
	Requests string // errors or all
	Slow     time.Duration
}

// Validate answers what is wrong.
func (c Log) Validate() []error {
	errs := oneOf("log.level", c.Level, "debug", "info", "warn", "error")
	errs = append(errs, oneOf("log.format", c.Format, "json", "text")...)
	errs = append(errs, oneOf("log.requests", c.Requests, "errors", "all")...)
	if c.Slow <= 0 {
		errs = append(errs, wrong("log.slow", "must be more than nothing, is %s", c.Slow))
	}
	return errs
}

// Store is where events, read models and accounts are kept.
type Store struct {
	URL string
	// Next is where a process goes over to once the data was moved there, "" for nowhere.
	Next            string
	CheckpointPages int
	Readers         int
}

// Shared reports whether the store is one that several processes can use.
func (c Store) Shared() bool {
	return strings.HasPrefix(c.URL, "mongodb://") || strings.HasPrefix(c.URL, "mongodb+srv://")
}

// sqliteScheme begins the address of a SQLite store.
const sqliteScheme = "sqlite:"

// Folder is where a SQLite store is: the folder that its address names, or the data folder.
func (c Store) Folder(data string) string {
	if folder := strings.TrimPrefix(c.URL, sqliteScheme); folder != "" {
		return folder
	}
	return data
}

func checkStoreURL(url string) error {
	switch {
	case Store{URL: url}.Shared():
		return mongodb.CheckURL(url)
	case strings.HasPrefix(url, sqliteScheme):
		return nil
	}
	name, _, _ := strings.Cut(url, ":")
	return fmt.Errorf("must be sqlite: (in the data folder), sqlite:FOLDER or a mongodb:// address, is %q", name+":")
}

// Validate answers what is wrong.
func (c Store) Validate() []error {
	var errs []error
	if err := checkStoreURL(c.URL); err != nil {
		errs = append(errs, wrong("store.url", "%s", err))
	}
	if c.Next != "" {
		if err := checkStoreURL(c.Next); err != nil {
			errs = append(errs, wrong("store.next", "%s", err))
		} else if c.Next == c.URL {
			errs = append(errs, wrong("store.next", "must be another store than store.url"))
		}
	}
	if c.CheckpointPages < 100 {
		errs = append(errs, wrong("store.checkpoint_pages", "must be at least 100, is %d", c.CheckpointPages))
	}
	if c.Readers < 0 {
		errs = append(errs, wrong("store.readers", "must not be negative, is %d", c.Readers))
	}
	return errs
}

// SQS begins the address of a bus of queues at Amazon SQS.
const SQS = "sqs:"

// Bus is what wakes consumers of the event log.
type Bus struct{ URL string }

// Validate answers what is wrong.
func (c Bus) Validate() []error {
	if strings.HasPrefix(c.URL, SQS) {
		if _, err := sqs.Parse(c.URL); err != nil {
			return []error{wrong("bus.url", "%s", err)}
		}
		return nil
	}
	return shared("bus.url", c.URL)
}

// Blobs is where uploaded files are kept.
type Blobs struct {
	// URL is a bucket, s3://BUCKET/PREFIX?…, or "" for files in the data folder.
	URL string
}

// Validate answers what is wrong.
func (c Blobs) Validate() []error {
	if c.URL == "" {
		return nil
	}
	if _, err := s3.Parse(c.URL); err != nil {
		return []error{wrong("blobs.url", "%s", err)}
	}
	return nil
}

// Cache keeps encoded pages.
type Cache struct {
	URL   string
	Bytes int64
	TTL   time.Duration
}

// Validate answers what is wrong.
func (c Cache) Validate() []error {
	errs := shared("cache.url", c.URL)
	if c.Bytes < 0 {
		errs = append(errs, wrong("cache.bytes", "must not be negative, is %d; 0 keeps nothing", c.Bytes))
	}
	if c.TTL <= 0 {
		errs = append(errs, wrong("cache.ttl", "must be more than nothing, is %s", c.TTL))
	}
	return errs
}

// Rate bounds how many requests one user, or one address, may send.
type Rate struct {
	// URL is where they are counted, and the attempts to sign in with them.
	URL string
	// Requests in each Per; 0 bounds nothing.
	Requests int
	Per      time.Duration
}

// Validate answers what is wrong.
func (c Rate) Validate() []error {
	errs := shared("rate.url", c.URL)
	if c.Requests < 0 || c.Per < time.Second {
		errs = append(errs, wrong("rate.requests", "must not be negative, and rate.per at least 1s"))
	}
	return errs
}

// Live bounds the live streams.
type Live struct {
	MaxStreams int
	MaxPerUser int
}

// Validate answers what is wrong.
func (c Live) Validate() []error {
	if c.MaxStreams < 1 || c.MaxPerUser < 1 {
		return []error{wrong("live.max_streams", "and live.max_per_user must be at least 1")}
	}
	return nil
}

// maxPerAddress is more than any network that people share needs.
const maxPerAddress = 100_000

// Auth is who may register, and where the auth service is.
type Auth struct {
	Registration string // open or closed
	// PerAddress is how many may register from one address in an hour.
	PerAddress int
	// URL is where processes without the auth service reach it: a scheme and a host.
	URL string
}

// Validate answers what is wrong.
func (c Auth) Validate() []error {
	errs := oneOf("auth.registration", c.Registration, "open", "closed")
	if c.PerAddress < 1 || c.PerAddress > maxPerAddress {
		errs = append(errs, wrong("auth.per_address", "must be from 1 to %d", maxPerAddress))
	}
	if c.URL != "" && !origin(c.URL) {
		errs = append(errs, wrong("auth.url", "must be a scheme and a host such as http://auth.internal:8080, without a path"))
	}
	return errs
}

// origin reports whether a text is a scheme and a host, and nothing else.
func origin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Scheme+"://"+u.Host == text
}

// Task is how the task service behaves.
type Task struct {
	InvitationAge  time.Duration
	ImportMaxBytes int64
}

// Validate answers what is wrong.
func (c Task) Validate() []error {
	var errs []error
	if c.InvitationAge < time.Hour {
		errs = append(errs, wrong("task.invitation_age", "must be at least 1h, is %s", c.InvitationAge))
	}
	if c.ImportMaxBytes < 1<<20 {
		errs = append(errs, wrong("task.import_max_bytes", "must be at least 1048576, is %d", c.ImportMaxBytes))
	}
	return errs
}

// Validate answers everything that is wrong, as one error with a line for
// each, or nil.
func (c Config) Validate() error {
	errs := oneOf("environment", string(c.Environment), string(Development), string(Staging), string(Production))
	if c.Data == "" {
		errs = append(errs, wrong("data", "must name a folder"))
	}
	for _, part := range []interface{ Validate() []error }{c.Target, c.Service, c.HTTP, c.Load, c.Log, c.Store, c.Redis, c.Bus, c.Cache, c.Sessions, c.Rate, c.Blobs, c.Live, c.Auth, c.Task, c.Mail, c.Analytics} {
		errs = append(errs, part.Validate()...)
	}
	if c.MetricsListen != "" {
		if _, port, err := net.SplitHostPort(c.MetricsListen); err != nil || port == "" {
			errs = append(errs, wrong("metrics.listen", "must be a host and a port such as 127.0.0.1:9090, is %q", c.MetricsListen))
		}
	}
	errs = append(errs, c.apart()...)
	errs = append(errs, c.links()...)
	return errors.Join(append(errs, c.hardened()...)...)
}

// hardened answers what is right on a laptop but not in front of people.
func (c Config) hardened() []error {
	if c.Environment != Production && c.Environment != Staging {
		return nil
	}
	var errs []error
	env := string(c.Environment)
	if !c.HTTP.Secure() {
		errs = append(errs, wrong("http.public_url", "must be an https address in %s: passwords and tokens travel over it", env))
	}
	for _, o := range c.HTTP.Origins {
		if o == "*" || (c.Environment == Production && strings.HasPrefix(o, "http://")) {
			errs = append(errs, wrong("http.origins", "must not hold %q in %s; name each https origin", o, env))
		}
	}
	if c.Rate.Requests == 0 {
		errs = append(errs, wrong("rate.requests", "must be set in %s", env))
	}
	if c.Environment == Production && c.Log.Level == "debug" {
		errs = append(errs, wrong("log.level", "must not be debug in production"))
	}
	return errs
}

func wrong(setting, format string, args ...any) error {
	return errors.New(setting + " " + fmt.Sprintf(format, args...))
}

func oneOf(setting, value string, allowed ...string) []error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return []error{wrong(setting, "must be one of %s, is %q", strings.Join(allowed, ", "), value)}
}
