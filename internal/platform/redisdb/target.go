package redisdb

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultTimeout bounds one exchange where the address names no other: far
// longer than an answer takes, and short enough to be borne once by a request.
const DefaultTimeout = 250 * time.Millisecond

// DefaultPrefix begins every key where the address names no other.
const DefaultPrefix = "headway"

// Target is where Redis is and how it is spoken to. Parse makes it.
type Target struct {
	// Hosts are hosts with ports: one server, nodes of a cluster, or the
	// sentinels where MasterSet is set. One host may be a cluster's node too.
	Hosts              []string
	TLS                bool
	Username, Password string
	// Database is 0 in a cluster.
	Database int
	// MasterSet is the name that the sentinels watch, "" without sentinels.
	MasterSet string
	// CAFile holds the certificates (PEM) that may sign the server's, "" for the system's.
	CAFile string
	// ServerName is the name in the server's certificate, "" for the host's.
	ServerName string
	// Timeout bounds one exchange.
	Timeout time.Duration
	// Prefix begins every key, so that installations can share a Redis.
	Prefix string
}

// String names the target without its password.
func (t Target) String() string {
	scheme := "redis"
	switch {
	case t.MasterSet != "":
		scheme = "redis+sentinel"
	case t.TLS:
		scheme = "rediss"
	}
	s := scheme + "://" + strings.Join(t.Hosts, ",")
	if t.MasterSet != "" {
		s += "/" + t.MasterSet
	}
	return s
}

// GoString keeps passwords out of logs.
func (t Target) GoString() string { return t.String() }

var parameters = []string{"ca", "prefix", "server_name", "timeout", "tls"}

// Parse reads an address:
//
//	redis://[[user]:password@]host[:port][,host…][/database]
//	rediss://…                                          over TLS
//	redis+sentinel://…@sentinel[:port][,sentinel…]/name[/database]
//
// Several hosts are the nodes of a cluster. Parameters: timeout (250ms),
// prefix (headway), ca (a file of certificates), server_name, and for
// sentinels tls=true. An error is what follows the setting's name in a
// sentence, and holds no password.
func Parse(address string) (Target, error) {
	u, list, err := split(address)
	if err != nil { // url's own error quotes the address, password and all
		return Target{}, errors.New("is no address that can be read; characters such as @ / ? # in a password must be percent-encoded")
	}
	t := Target{Timeout: DefaultTimeout, Prefix: DefaultPrefix}
	port := "6379"
	sentinel := false
	switch u.Scheme {
	case "redis":
	case "rediss":
		t.TLS = true
	case "redis+sentinel":
		sentinel, port = true, "26379"
	default:
		return t, fmt.Errorf("must begin with redis://, rediss:// or redis+sentinel://, begins with %q", u.Scheme+":")
	}
	if u.User != nil {
		t.Username = u.User.Username()
		t.Password, _ = u.User.Password()
	}
	if t.Hosts, err = hosts(list, port); err != nil {
		return t, err
	}
	if err := t.path(strings.Trim(u.Path, "/"), sentinel); err != nil {
		return t, err
	}
	return t, t.query(u)
}

// split takes the list of hosts out of an address, since a URL has one host only.
func split(address string) (u *url.URL, list string, err error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		u, err = url.Parse(address)
		return u, "", err
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	list = rest[:end]
	user := ""
	if at := strings.LastIndexByte(list, '@'); at >= 0 {
		user, list = list[:at+1], list[at+1:]
	}
	u, err = url.Parse(scheme + "://" + user + "host" + rest[end:])
	return u, list, err
}

func hosts(list, defaultPort string) ([]string, error) {
	var out []string
	for host := range strings.SplitSeq(list, ",") {
		name, port, err := net.SplitHostPort(host)
		if err != nil {
			name, port = strings.Trim(host, "[]"), defaultPort
		}
		if n, err := strconv.ParseUint(port, 10, 16); name == "" || err != nil || n == 0 {
			return nil, fmt.Errorf("must name hosts such as redis.internal:6379, %q is none", host)
		}
		out = append(out, net.JoinHostPort(name, port))
	}
	return out, nil
}

func (t *Target) path(path string, sentinel bool) error {
	if sentinel {
		t.MasterSet, path, _ = strings.Cut(path, "/")
		if t.MasterSet == "" {
			return errors.New("must name the master set after the sentinels, such as redis+sentinel://host/mymaster")
		}
	}
	if path == "" {
		return nil
	}
	n, err := strconv.ParseUint(path, 10, 16)
	if err != nil {
		return fmt.Errorf("must end with the number of a database such as /0, ends with %q", "/"+path)
	}
	t.Database = int(n)
	if n != 0 && !sentinel && len(t.Hosts) > 1 {
		return errors.New("names several hosts, which are a cluster, and a cluster has only database 0")
	}
	return nil
}

func (t *Target) query(u *url.URL) error {
	q := u.Query()
	for name := range q {
		if !slices.Contains(parameters, name) {
			return fmt.Errorf("has the parameter %q, which is none of %s", name, strings.Join(parameters, ", "))
		}
	}
	if q.Has("tls") {
		if t.MasterSet == "" {
			return errors.New("takes tls only with redis+sentinel://; otherwise write rediss://")
		}
		var err error
		if t.TLS, err = strconv.ParseBool(q.Get("tls")); err != nil {
			return fmt.Errorf("must have true or false for tls, has %q", q.Get("tls"))
		}
	}
	t.CAFile, t.ServerName = q.Get("ca"), q.Get("server_name")
	if !t.TLS && (t.CAFile != "" || t.ServerName != "") {
		return errors.New("has ca or server_name, which are for TLS: write rediss://")
	}
	if q.Has("timeout") {
		d, err := time.ParseDuration(q.Get("timeout"))
		if err != nil || d < time.Millisecond || d > 10*time.Second {
			return fmt.Errorf("must have a timeout from 1ms to 10s, has %q", q.Get("timeout"))
		}
		t.Timeout = d
	}
	if q.Has("prefix") {
		t.Prefix = q.Get("prefix")
		if t.Prefix == "" || strings.ContainsAny(t.Prefix, "{} \t\r\n") {
			return fmt.Errorf("must have a prefix without braces and spaces, has %q", t.Prefix)
		}
	}
	return nil
}

// tlsConfig answers nil without TLS.
func (t Target) tlsConfig() (*tls.Config, error) {
	if !t.TLS {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("redis: the file of certificates: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("redis: %s holds no certificate in PEM", t.CAFile)
		}
	}
	return c, nil
}
