package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"headway/internal/apperr"
)

// SeqHeader carries the workspace's seq that an answer reflects: a write's own
// seq, or how far a read has seen.
const SeqHeader = "Headway-Seq"

// Seq is embedded in outputs of Register to send the Headway-Seq header.
type Seq struct {
	N uint64 `header:"Headway-Seq" doc:"The workspace's seq that this answer reflects"`
}

// Answer is an answer whose body is JSON already.
type Answer struct {
	// Status is the HTTP status; 0 is the operation's default.
	Status int
	// Seq is sent as Headway-Seq where it is not 0.
	Seq uint64
	// ETag is sent where it is not empty, with quotes; see ETag. A request whose
	// If-None-Match names it gets 304 without the body.
	ETag string
	// Parts are written one after another. They must be one JSON value, and
	// must not change while they are written.
	Parts [][]byte
}

// NotModified is the answer 304 for a request that has the newest already.
func NotModified(etag string) *Answer {
	return &Answer{Status: http.StatusNotModified, ETag: etag}
}

// ETag makes the strong entity tag "A.B.C" of the numbers that name one answer.
func ETag(seqs ...uint64) string {
	b := make([]byte, 0, 24)
	b = append(b, '"')
	for i, n := range seqs {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, n, 10)
	}
	return string(append(b, '"'))
}

// IfNoneMatch is embedded in inputs of reads, so that a handler can answer
// NotModified before it loads anything.
type IfNoneMatch struct {
	Tags string `header:"If-None-Match" doc:"Entity tags of answers that the client holds"`
}

// Matches reports whether the client holds the answer of this tag. The
// comparison is weak (RFC 9110, section 13.1.2), so that tags changed by
// compression on the way still match.
func (c IfNoneMatch) Matches(etag string) bool { return tagMatches(c.Tags, etag) }

func tagMatches(header, etag string) bool {
	if header == "" || etag == "" {
		return false
	}
	opaque := strings.Trim(strings.TrimPrefix(etag, "W/"), `"`)
	for len(header) > 0 {
		var tag string
		tag, header, _ = strings.Cut(header, ",")
		tag = strings.TrimSpace(tag)
		if tag == "*" {
			return true
		}
		tag = strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
		// gzhttp and some proxies mark a compressed form by a suffix.
		tag = strings.TrimSuffix(strings.TrimSuffix(tag, "-gzip"), "-br")
		if tag == opaque {
			return true
		}
	}
	return false
}

// IfMatch is embedded in inputs of changes that a client may tie to the
// version that it saw.
type IfMatch struct {
	Tag string `header:"If-Match" doc:"The entity tag of the version that this change is meant for; 412 where it has changed since"`
}

// Seq answers the seq that the client names, nil where it names none. A tag
// that this server never made matches nothing, which is PreconditionFailed.
func (c IfMatch) Seq() (*uint64, error) {
	if c.Tag == "" || c.Tag == "*" {
		return nil, nil
	}
	text := strings.Trim(strings.TrimPrefix(strings.TrimSpace(c.Tag), "W/"), `"`)
	text = strings.TrimSuffix(strings.TrimSuffix(text, "-gzip"), "-br")
	text, _, _ = strings.Cut(text, ".")
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil, apperr.New(apperr.PreconditionFailed, "If-Match must be an ETag that this server gave for this thing. Load it again.")
	}
	return &n, nil
}

// write sends the answer.
func (a *Answer) write(ctx huma.Context, status int) {
	r, w := humago.Unwrap(ctx)
	h := w.Header()
	if a.Seq != 0 {
		h[SeqHeader] = []string{strconv.FormatUint(a.Seq, 10)}
	}
	if a.Status != 0 {
		status = a.Status
	}
	if a.ETag != "" {
		h["Etag"] = []string{a.ETag}
		h["Cache-Control"] = cacheControl
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			if status == http.StatusOK && tagMatches(r.Header.Get("If-None-Match"), a.ETag) {
				status = http.StatusNotModified
			}
		}
	}
	if status == http.StatusNotModified || status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	length := 0
	for _, p := range a.Parts {
		length += len(p)
	}
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(length)}
	w.WriteHeader(status)
	for _, p := range a.Parts {
		if _, err := w.Write(p); err != nil {
			return // the client is gone
		}
	}
}

// Header values are shared: net/http does not change them.
var (
	jsonType     = []string{"application/json"}
	cacheControl = []string{"private, no-cache"}
)
