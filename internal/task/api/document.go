package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// parameter documents a query parameter; reading it is the handler's.
type parameter struct {
	name, doc string
	required  bool
	schema    *huma.Schema
}

func (p parameter) document() *huma.Param {
	return &huma.Param{Name: p.name, In: "query", Description: p.doc, Required: p.required, Schema: p.schema}
}

// uuidPattern is an id in its canonical form.
const uuidPattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

func uuidSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid", Pattern: uuidPattern}
}

func whole(least, most float64, fallback any) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least, Maximum: &most, Default: fallback}
}

func words(fallback any, values ...any) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: values, Default: fallback}
}

var cursorParameter = parameter{
	name: "cursor", doc: "The next value of the page before.", schema: &huma.Schema{Type: huma.TypeString},
}

func limitParameter(fallback, most int) parameter {
	return parameter{name: "limit", doc: "How many to answer at most.", schema: whole(1, float64(most), fallback)}
}

// maxSeq is the greatest seq that a client's number holds exactly.
const maxSeq = 1<<53 - 1

// pathParameters documents the ids in a path.
func pathParameters(path string) []*huma.Param {
	var all []*huma.Param
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			all = append(all, &huma.Param{
				Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: uuidSchema(),
			})
		}
	}
	return all
}

func minSeqParameter() *huma.Param {
	return &huma.Param{
		Name: "Headway-Min-Seq", In: "header", Schema: whole(0, maxSeq, nil),
		Description: "The Headway-Seq of a write: answered only by a replica that has got that far, else 503.",
	}
}

func ifNoneMatchParameter() *huma.Param {
	return &huma.Param{
		Name: "If-None-Match", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "The ETag of an answer that the client has: 304 where it still holds.",
	}
}

func etagHeader() *huma.Param {
	return &huma.Param{Description: "Names this answer; send it as If-None-Match.", Schema: &huma.Schema{Type: huma.TypeString}}
}

func seqHeader() *huma.Param {
	return &huma.Param{
		Description: "The workspace's seq after this: send it as Headway-Min-Seq to read your own write anywhere.",
		Schema:      whole(0, maxSeq, nil),
	}
}

// The parameters that single operations take.
var (
	columnParameter  = parameter{name: "column", doc: "Only this column.", schema: uuidSchema()}
	projectParameter = parameter{name: "project", doc: "Only this project.", schema: uuidSchema()}
	stateParameter   = parameter{name: "state", doc: "Where the tasks stand.", schema: words("live", "live", "archived", "trashed")}
	shelfParameter   = parameter{name: "state", doc: "Which shelf.", schema: words("archived", "archived", "trashed")}
	atParameter      = parameter{name: "at", doc: "As the task was after this seq.", schema: whole(1, maxSeq, nil)}
	sinceParameter   = parameter{
		name: "since", doc: "The seq of the last answer before, 0 for everything.", schema: whole(0, maxSeq, 0),
	}
	searchParameter = parameter{
		name: "q", required: true, schema: &huma.Schema{Type: huma.TypeString, MinLength: one(), MaxLength: most(maxSearch)},
		doc: "Words; each must begin a word of the title, the description or a comment. Accents and case do not matter.",
	}
)

func one() *int       { n := 1; return &n }
func most(n int) *int { return &n }
