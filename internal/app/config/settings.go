package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// EnvPrefix begins the name of every environment variable.
const EnvPrefix = "HEADWAY_"

// setting is one row of the table of settings.
type setting struct {
	// key is its name in the settings file, with dots between levels.
	key  string
	flag *pflag.Flag
}

// flagName is the setting's flag, without the dashes in front.
func flagName(key string) string {
	switch key {
	case "http.listen", "http.public_url":
		key = strings.TrimPrefix(key, "http.") // the two that everybody types
	}
	return strings.NewReplacer(".", "-", "_", "-").Replace(key)
}

// EnvName is the setting's environment variable.
func (s setting) EnvName() string {
	return EnvPrefix + strings.ToUpper(strings.NewReplacer("-", "_").Replace(s.flag.Name))
}

// table describes every setting once: flags, environment variables, the
// settings file and the reference page all come from it.
func table(c *Config) []setting {
	fs := pflag.NewFlagSet("headway", pflag.ContinueOnError)
	var all []setting
	add := func(key, usage string, define func(name, usage string)) {
		name := flagName(key)
		define(name, usage)
		all = append(all, setting{key: key, flag: fs.Lookup(name)})
	}
	str := func(p *string, key, value, usage string) {
		add(key, usage, func(n, u string) { fs.StringVar(p, n, value, u) })
	}
	str((*string)(&c.Environment), "environment", string(Development), "What kind of installation this is: `development`, staging or production. It sets the presets below, and what is refused.")
	c.Target = Targets{All}
	list(add, fs, (*[]string)(&c.Target), "target", "What this process runs: `all`, or a list of "+strings.Join(Names, ", ")+". Processes with a part each make up one installation; they share a store and a bus. docs/operations/targets.md says more.")
	str(&c.Data, "data", "./data", "The `folder` of the embedded stores. It is made, for its owner only, where it is missing. One process uses it at a time.")

	list(add, fs, (*[]string)(&c.Service.Secret), "service.secret", "The `secret` that processes with a part each know each other by, the same in all of them: 32 characters or more. A second one, after a comma, is accepted too, so that it can be replaced without a stop. Give it by the environment or the settings file: a command line can be read by others.")

	str(&c.HTTP.Listen, "http.listen", ":8080", "The `address` that the server listens on: a host, which may be left out, and a port.")
	str(&c.HTTP.PublicURL, "http.public_url", "", "Where people reach the web app, such as `https://headway.example.org`. With https, cookies are Secure and browsers are told to stay with https.")
	list(add, fs, &c.HTTP.Origins, "http.origins", "Other `origins` whose web pages may call the API, such as https://app.example.org. None by default.")
	list(add, fs, &c.HTTP.TrustedProxies, "http.trusted_proxies", "Addresses or `networks` of proxies in front, whose X-Forwarded-For is believed.")
	add("http.max_body", "The largest request body in `bytes`; imports have a limit of their own.", func(n, u string) { fs.Int64Var(&c.HTTP.MaxBody, n, 1<<20, u) })
	add("http.timeout", "How long a request may take; streams and uploads have limits of their own.", func(n, u string) { fs.DurationVar(&c.HTTP.Timeout, n, 30e9, u) })
	str(&c.HTTP.Compress, "http.compress", "auto", "When answers are compressed: `auto` (not for clients on the same machine), always or never (where a proxy does it).")
	add("http.drain_delay", "How long the process stays open after it says that it is leaving, so that load balancers notice.", func(n, u string) { fs.DurationVar(&c.HTTP.DrainDelay, n, 0, u) })
	add("http.drain_timeout", "How long requests may take to finish when the process leaves.", func(n, u string) { fs.DurationVar(&c.HTTP.DrainTimeout, n, 20e9, u) })

	loadSettings(add, fs, &c.Load)

	str(&c.Log.Level, "log.level", "info", "The least `level` that is logged: debug, info, warn or error.")
	str(&c.Log.Format, "log.format", "text", "How lines look: `json` or text.")
	str(&c.Log.Requests, "log.requests", "errors", "Which requests are logged: `errors` (answers from 500 on, and slow ones) or all.")
	add("log.slow", "From when on a request counts as slow.", func(n, u string) { fs.DurationVar(&c.Log.Slow, n, 1e9, u) })

	str(&c.Store.URL, "store.url", "sqlite:", "Where events, rows and accounts are kept: `sqlite:` (in the data folder, or sqlite:FOLDER in another one, for one process), or mongodb://user:password@host/database for MongoDB, DocumentDB or FerretDB, which several processes can share. docs/operations/stores.md says more.")
	str(&c.Store.Next, "store.next", "", "The `address` of the store that the data is being moved to (headway store migrate): once it is there, this process goes over to it by itself. Afterwards it becomes store.url.")
	add("store.checkpoint_pages", "How many `pages` SQLite's write-ahead log holds before they are copied into the database: more writes faster, and takes more disk.", func(n, u string) { fs.IntVar(&c.Store.CheckpointPages, n, 10_000, u) })
	add("store.readers", "How many connections read at once; 0 is two for each processor, four at least.", func(n, u string) { fs.IntVar(&c.Store.Readers, n, 0, u) })
	str(&c.Redis.URL, "redis.url", "", "The Redis that processes share cache, bus, rate limits and ended sessions through: redis://host:6379, rediss:// with TLS, several hosts for a cluster, redis+sentinel://host/name. Without it each process has its own. docs/operations/redis.md says more.")
	str(&c.Bus.URL, "bus.url", Auto, "What tells consumers of new events: `auto` (Redis where redis.url names one, else within the process), memory: (within the process), the address of a Redis, or sqs://PREFIX?region=REGION for Amazon SQS. docs/operations/queues.md says more.")
	str(&c.Cache.URL, "cache.url", Auto, "Where processes share pages that were made: `auto`, memory: or the address of a Redis. Each keeps pages of its own as well.")
	add("cache.bytes", "How many `bytes` of pages are kept; 0 keeps none.", func(n, u string) { fs.Int64Var(&c.Cache.Bytes, n, 16<<20, u) })
	add("cache.ttl", "How long a page is kept at most.", func(n, u string) { fs.DurationVar(&c.Cache.TTL, n, 10*60e9, u) })

	str(&c.Sessions.URL, "sessions.url", Auto, "Where processes tell each other which sessions are over, beside the store: `auto`, memory: (not at all) or the address of a Redis.")
	str(&c.Rate.URL, "rate.url", Auto, "Where requests and attempts are counted: `auto`, memory: (by each process for itself) or the address of a Redis.")
	add("rate.requests", "How many API requests one user, or one address without a user, may send in each period; 0 is without bound.", func(n, u string) { fs.IntVar(&c.Rate.Requests, n, 0, u) })
	add("rate.per", "The period that rate.requests counts in.", func(n, u string) { fs.DurationVar(&c.Rate.Per, n, 60e9, u) })
	str(&c.Blobs.URL, "blobs.url", "", "Where uploaded files are kept: in the data folder, or in a bucket, s3://BUCKET/PREFIX?region=REGION, so that several processes share them. docs/operations/blobs.md says more.")
	add("live.max_streams", "How many live streams the process keeps open.", func(n, u string) { fs.IntVar(&c.Live.MaxStreams, n, 10_000, u) })
	add("live.max_per_user", "How many live streams one user may have open.", func(n, u string) { fs.IntVar(&c.Live.MaxPerUser, n, 50, u) })
	str(&c.MetricsListen, "metrics.listen", "", "An `address` that serves /metrics alone. Without it, /metrics is on the main port for clients on the same machine.")

	str(&c.Auth.Registration, "auth.registration", "open", "Whether anybody may make an account: `open` or closed.")
	add("auth.per_address", "How many accounts may be made from one network address in an hour; twice as many sign-ins in five minutes. More where many people share one, as behind the router of a company.", func(n, u string) { fs.IntVar(&c.Auth.PerAddress, n, 30, u) })
	str(&c.Auth.URL, "auth.url", "", "Where a process without the auth service reaches it, such as `http://auth.internal:8080`: for the keys that access tokens are checked with, and for what services ask each other.")
	str(&c.Mail.URL, "mail.url", MailLog, "What sends mails: `log:` (nothing does; they are named in the log), or a mail server: smtp://user:password@host:587 with STARTTLS, or smtps://user:password@host. docs/operations/notification.md says more.")
	str(&c.Mail.From, "mail.from", "Headway <headway@localhost>", "The `address` that mails come from, such as Headway <headway@example.org>.")
	add("task.invitation_age", "How long an invitation to a workspace is open.", func(n, u string) { fs.DurationVar(&c.Task.InvitationAge, n, 7*24*3600e9, u) })
	add("task.import_max_bytes", "The largest file to import, in `bytes`.", func(n, u string) { fs.Int64Var(&c.Task.ImportMaxBytes, n, 512<<20, u) })
	str(&c.Analytics.URL, "analytics.url", "", "Where analytics keeps what it has measured: in the data folder, for one process, or in PostgreSQL, postgres://user:password@host/database?sslmode=verify-full, which several processes can share. docs/operations/analytics.md says more.")
	add("analytics.keep_points", "How long single measured points are kept, which scatter charts and percentiles are made of; 0 is for ever. What they come to by day or hour stays. Events that are older when they come, as those of an import or a replay, are not counted then.", func(n, u string) { fs.DurationVar(&c.Analytics.KeepPoints, n, 0, u) })
	return all
}

// presets are what differs from the defaults in an environment.
var presets = map[Environment]map[string]string{
	Development: {},
	Staging: {
		"log.format": "json", "log.requests": "all", "rate.requests": "3000",
		"http.drain_delay": "2s", "data": "/var/lib/headway", "cache.bytes": "67108864",
	},
	Production: {
		"log.format": "json", "rate.requests": "3000",
		"http.drain_delay": "5s", "data": "/var/lib/headway", "cache.bytes": "268435456",
	},
}

func list(add func(string, string, func(string, string)), fs *pflag.FlagSet, p *[]string, key, usage string) {
	add(key, usage, func(n, u string) { fs.Var((*texts)(p), n, u) })
}

// texts is a list of texts, written with commas. Setting it replaces it.
type texts []string

// Set implements pflag.Value.
func (t *texts) Set(s string) error {
	*t = (*t)[:0]
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*t = append(*t, part)
		}
	}
	return nil
}

// String implements pflag.Value.
func (t *texts) String() string { return strings.Join(*t, ",") }

// Type implements pflag.Value.
func (t *texts) Type() string { return "list" }
