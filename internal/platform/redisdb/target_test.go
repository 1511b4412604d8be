package redisdb_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/redisdb"
)

func TestParse(t *testing.T) {
	with := func(change func(*redisdb.Target)) redisdb.Target {
		target := redisdb.Target{Hosts: []string{"r:6379"}, Timeout: redisdb.DefaultTimeout, Prefix: redisdb.DefaultPrefix}
		change(&target)
		return target
	}
	for address, want := range map[string]redisdb.Target{
		"redis://r":             with(func(*redisdb.Target) {}),
		"redis://r:7000/3":      with(func(t *redisdb.Target) { t.Hosts, t.Database = []string{"r:7000"}, 3 }),
		"redis://:pw@r/":        with(func(t *redisdb.Target) { t.Password = "pw" }),
		"redis://me:p%40w@r":    with(func(t *redisdb.Target) { t.Username, t.Password = "me", "p@w" }),
		"redis://a:1,b,[::1]:3": with(func(t *redisdb.Target) { t.Hosts = []string{"a:1", "b:6379", "[::1]:3"} }),
		"rediss://r?ca=/ca.pem&server_name=n&timeout=1s&prefix=two": with(func(t *redisdb.Target) {
			t.TLS, t.CAFile, t.ServerName, t.Timeout, t.Prefix = true, "/ca.pem", "n", time.Second, "two"
		}),
		"redis+sentinel://:pw@a,b:1/main/2?tls=true": with(func(t *redisdb.Target) {
			t.Hosts, t.Password, t.MasterSet, t.Database, t.TLS = []string{"a:26379", "b:1"}, "pw", "main", 2, true
		}),
	} {
		got, err := redisdb.Parse(address)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", address, fields(got), err)
		}
		if text := fmt.Sprintf("%v %#v %s", got, got, got); got.Password != "" && strings.Contains(text, got.Password) {
			t.Errorf("%s: the password shows in %s", address, text)
		}
	}
}

// fields shows what String hides.
func fields(t redisdb.Target) any {
	type bare redisdb.Target
	return bare(t)
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for address, want := range map[string]string{
		"http://r":                         "must begin with redis://",
		"r:6379":                           "must begin with redis://",
		"redis://:secret%zz@r":             "percent-encoded",
		"redis://":                         "must name hosts",
		"redis://r:0":                      "must name hosts",
		"redis://r:99999":                  "must name hosts",
		"redis://a,,b":                     "must name hosts",
		"redis://r/first":                  "number of a database",
		"redis://a,b/1":                    "only database 0",
		"redis+sentinel://a,b":             "master set",
		"redis://r?timeout=soon":           "timeout from 1ms",
		"redis://r?timeout=1h":             "timeout from 1ms",
		"redis://r?tls=true":               "write rediss://",
		"redis+sentinel://a/m?tls=perhaps": "true or false",
		"redis://r?ca=x":                   "are for TLS",
		"redis://r?prefix=%7Ba%7D":         "without braces",
		"redis://r?pool=4":                 `the parameter "pool"`,
	} {
		_, err := redisdb.Parse(address)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the password shows in %v", address, err)
		}
	}
}
