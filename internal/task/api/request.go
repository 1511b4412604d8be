package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"headway/internal/apperr"
	"headway/internal/platform/authn"
	"headway/internal/platform/ids"
	"headway/internal/platform/rest"
)

const jsonMedia = "application/json"

// Header values that never change are shared, so that setting them costs no allocation.
var (
	jsonType = []string{jsonMedia}
	private  = []string{"private, no-cache"}
)

// request is a GET being answered.
type request struct {
	w        http.ResponseWriter
	r        *http.Request
	user     ids.ID
	query    url.Values
	known    map[string]bool
	etag     string
	seq      uint64 // the workspace's, as of before anything was read for the answer
	answered bool
}

// start finds out who asks, and refuses parameters that do not exist.
func (q *request) start() error {
	who, err := authn.Require(q.r.Context())
	if err != nil {
		return err
	}
	q.user = who.User
	if q.r.URL.RawQuery == "" {
		return nil
	}
	if q.query, err = url.ParseQuery(q.r.URL.RawQuery); err != nil {
		return apperr.New(apperr.Invalid, "The query string is not encoded as a URL's must be.")
	}
	for name, values := range q.query {
		if !q.known[name] {
			return apperr.New(apperr.Invalid, "The query string holds a parameter that this does not take.")
		}
		if len(values) > 1 {
			return apperr.InvalidField("query."+name, "must be given once")
		}
		if !utf8.ValidString(values[0]) {
			return apperr.InvalidField("query."+name, "must be valid UTF-8")
		}
	}
	return nil
}

func (q *request) ctx() context.Context { return q.r.Context() }

// id reads a path parameter. An id that does not parse names nothing.
func (q *request) id(name string) (ids.ID, error) {
	id, err := ids.Parse(q.r.PathValue(name))
	if err != nil {
		return ids.Nil, apperr.InvalidField("path."+name, "%s", err)
	}
	return id, nil
}

// queryID reads an id from the query; absent is zero.
func (q *request) queryID(name string) (ids.ID, error) {
	return rest.QueryID(name, q.query.Get(name))
}

// number reads an unsigned number from the query; absent is fallback.
func (q *request) number(name string, fallback, least, most uint64) (uint64, error) {
	text := q.query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, apperr.InvalidField("query."+name, "must be a whole number from %d to %d", least, most)
	}
	return n, nil
}

// limit reads the page size.
func (q *request) limit(fallback, most int) (int, error) {
	n, err := q.number("limit", uint64(fallback), 1, uint64(most)) // #nosec G115 -- small constants
	return int(n), err                                             // #nosec G115 -- at most the constant
}

// choice reads one of some words from the query.
func (q *request) choice(name, fallback string, words ...string) (string, error) {
	text := q.query.Get(name)
	if text == "" {
		text = fallback
	}
	for _, w := range words {
		if text == w {
			return text, nil
		}
	}
	return "", apperr.InvalidField("query."+name, "must be one of %s", strings.Join(words, ", "))
}

// unchanged names the answer by a seq and, where it differs between those who
// may read it, their class; it answers 304 and true where the client has it.
func (q *request) unchanged(seq uint64, class string) bool {
	if class == "" {
		q.etag = rest.ETag(seq)
	} else {
		q.etag = rest.ETag(seq, hash(class))
	}
	given := q.r.Header["If-None-Match"]
	if len(given) == 0 || given[0] != q.etag && !(rest.IfNoneMatch{Tags: given[0]}).Matches(q.etag) {
		return false
	}
	h := q.w.Header()
	h["Etag"] = []string{q.etag}
	q.common(h)
	q.w.WriteHeader(http.StatusNotModified)
	return true
}

// send answers 200 with an encoded body.
func (q *request) send(body []byte) error {
	h := q.w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if q.etag != "" {
		h["Etag"] = []string{q.etag}
	}
	q.common(h)
	_, _ = q.w.Write(body) // a client that is gone needs no answer
	return nil
}

// common sets what every answer carries.
func (q *request) common(h http.Header) {
	h["Cache-Control"] = private
	if q.seq != 0 {
		h[rest.SeqHeader] = []string{strconv.FormatUint(q.seq, 10)}
	}
	q.answered = true
}

// hash is FNV-1a, to keep tags short: a class may list many projects.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
