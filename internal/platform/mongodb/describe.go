package mongodb

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Describe answers what a client of a URL would do, line by line as "name:
// value", with what the URL leaves open filled in. No password is in it. It
// asks nobody, so of mongodb+srv:// the servers are not known.
func Describe(url string) ([]string, error) {
	plain := url
	looked, isSRV := strings.CutPrefix(url, "mongodb+srv://")
	if isSRV {
		plain = "mongodb://" + looked
	}
	o, database, err := clientOptions(Options{URL: plain})
	if err != nil {
		return nil, err
	}
	hosts := strings.Join(o.Hosts, ", ")
	if isSRV {
		hosts = "as the name " + o.Hosts[0] + " says"
	}
	user := "none"
	if o.Auth != nil {
		user = strconv.Quote(o.Auth.Username)
	}
	set := "none"
	if o.ReplicaSet != nil {
		set = *o.ReplicaSet
	}
	return []string{
		"servers: " + hosts,
		"database: " + database,
		"user: " + user,
		"replica set: " + set,
		"TLS: " + yes(isSRV || o.TLSConfig != nil),
		"connections: " + pool(o),
		fmt.Sprintf("timeouts: %s for an operation, %s to find a server, %s to connect", span(o.Timeout), span(o.ServerSelectionTimeout), span(o.ConnectTimeout)),
		"compression: " + either(strings.Join(o.Compressors, ", "), "none"),
		fmt.Sprintf("tried again: writes %s, reads %s", yes(on(o.RetryWrites)), yes(on(o.RetryReads))),
		"acknowledged and read by: a majority",
		"reads: " + reads(o),
	}, nil
}

func reads(o *options.ClientOptions) string {
	if readsSecondaries(o.ReadPreference) && !on(o.Direct) {
		return "of secondaries that have got far enough, else of the primary"
	}
	return "of the primary"
}

func pool(o *options.ClientOptions) string {
	most := "any number"
	if o.MaxPoolSize != nil && *o.MaxPoolSize > 0 {
		most = strconv.FormatUint(*o.MaxPoolSize, 10) + " at most"
	}
	var least uint64
	if o.MinPoolSize != nil {
		least = *o.MinPoolSize
	}
	return fmt.Sprintf("%s, %d at least, closed after %s without use", most, least, span(o.MaxConnIdleTime))
}

func span(d *time.Duration) string {
	if d == nil || *d == 0 {
		return "no limit"
	}
	return d.String()
}

func on(b *bool) bool { return b != nil && *b }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func either(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
