// Package mongodbtest opens databases for tests and holds every command that
// is sent to the declared indexes: what a test server answers at all, a large
// cluster would answer slowly or from all its shards.
package mongodbtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"headway/internal/platform/mongodb"
)

// Open opens a database with its schemas in place. A command that does not
// begin with the shard key, or that no declared index covers, fails the test.
func Open(t testing.TB, url string, all ...mongodb.Schema) *mongodb.DB {
	t.Helper()
	return OpenWith(t, mongodb.Options{URL: url}, all...)
}

// OpenWith is Open with further options.
func OpenWith(t testing.TB, o mongodb.Options, all ...mongodb.Schema) *mongodb.DB {
	t.Helper()
	o.Monitors = append(o.Monitors, Watch(t, all...))
	db, err := mongodb.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := mongodb.Ensure(t.Context(), db, all...); err != nil {
		t.Fatal(err)
	}
	return db
}

// Watch answers a monitor that fails the test for a command that breaks the rules.
func Watch(t testing.TB, all ...mongodb.Schema) *event.CommandMonitor {
	collections := []mongodb.Collection{mongodb.Versions}
	for _, s := range all {
		collections = append(collections, s.Collections...)
	}
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if err := Judge(e.Command, collections); err != nil {
			t.Errorf("%v\nin %s", err, shorten(e.Command.String()))
		}
	}}
}

func shorten(s string) string {
	if len(s) > 800 {
		return s[:800] + " …"
	}
	return s
}

// question is a filter and what its answer is sorted by.
type question struct{ filter, sort bson.Raw }

// Judge answers an error where a command reads or writes by a filter that
// does not begin with the collection's shard key or that none of its indexes covers.
func Judge(command bson.Raw, collections []mongodb.Collection) error {
	first, err := command.IndexErr(0)
	if err != nil {
		return err
	}
	name, isName := first.Value().StringValueOK()
	questions, judged := asked(first.Key(), command)
	if !judged {
		return nil
	}
	at := slices.IndexFunc(collections, func(c mongodb.Collection) bool { return c.Name == name })
	if !isName || at < 0 {
		return fmt.Errorf("%s of a collection %q that no schema declares", first.Key(), name)
	}
	c := collections[at]
	if first.Key() == "insert" {
		return judgeInsert(c, command)
	}
	for _, q := range questions {
		if err := covered(c, q); err != nil {
			return fmt.Errorf("%s of %s: %w", first.Key(), c.Name, err)
		}
	}
	return nil
}

// asked takes the filters out of a command.
func asked(kind string, command bson.Raw) (out []question, judged bool) {
	document := func(raw bson.Raw, key string) bson.Raw {
		d, _ := raw.Lookup(key).DocumentOK()
		return d
	}
	each := func(list, key string) {
		values, _ := command.Lookup(list).Array().Values()
		for _, v := range values {
			out = append(out, question{filter: document(v.Document(), key)})
		}
	}
	switch kind {
	case "find":
		return []question{{document(command, "filter"), document(command, "sort")}}, true
	case "count", "distinct", "findAndModify":
		return []question{{document(command, "query"), document(command, "sort")}}, true
	case "update":
		each("updates", "q")
		return out, true
	case "delete":
		each("deletes", "q")
		return out, true
	case "aggregate":
		stages, _ := command.Lookup("pipeline").Array().Values()
		var q question
		for i, stage := range stages {
			if i == 0 {
				q.filter = document(stage.Document(), "$match")
			}
			if i == 1 {
				q.sort = document(stage.Document(), "$sort")
			}
		}
		return []question{q}, true
	case "insert":
		return nil, true
	}
	return nil, false // of the connection, of indexes, or the rest of an answer
}

func judgeInsert(c mongodb.Collection, command bson.Raw) error {
	documents, err := command.Lookup("documents").Array().Values()
	if err != nil {
		return nil //nolint:nilerr // sent as a sequence beside the command, which monitors see inside
	}
	for _, d := range documents {
		if _, err := d.Document().LookupErr(c.ShardKey); err != nil {
			return fmt.Errorf("insert into %s: a document without its shard key %s", c.Name, c.ShardKey)
		}
	}
	return nil
}

// covered judges one filter and sort.
func covered(c mongodb.Collection, q question) error {
	elements, err := q.filter.Elements()
	if err != nil || len(elements) == 0 {
		return fmt.Errorf("a filter is missing")
	}
	if first := elements[0].Key(); first == c.Swept && first != "" {
		return swept(c, q, len(elements))
	}
	scattered := c.Scattered && elements[0].Key() == "_id"
	if first := elements[0].Key(); first != c.ShardKey && !scattered {
		return fmt.Errorf("the filter begins with %q, the shard key is %q", first, c.ShardKey)
	}
	branches, err := flatten(elements)
	if err != nil {
		return err
	}
	sort, err := sorting(q.sort)
	if err != nil {
		return err
	}
	for _, fields := range branches {
		if !scattered && fields[c.ShardKey] != exact {
			return fmt.Errorf("the shard key %q is not named exactly", c.ShardKey)
		}
		if !slices.ContainsFunc(indexesOf(c), func(x mongodb.Index) bool { return serves(x, fields, sort) }) {
			return fmt.Errorf("no index covers the fields %s sorted by %v", names(fields), sort)
		}
	}
	return nil
}

// swept judges a sweep, which asks by one field.
func swept(c mongodb.Collection, q question, fields int) error {
	own := func(x mongodb.Index) bool { return x.Fields[0] == c.Swept }
	if fields != 1 || q.sort != nil || !slices.ContainsFunc(c.Indexes, own) {
		return fmt.Errorf("a sweep asks by %q alone, in no order, and there is an index for it", c.Swept)
	}
	return nil
}

func indexesOf(c mongodb.Collection) []mongodb.Index {
	return append([]mongodb.Index{{Fields: []string{"_id"}, Unique: true}}, c.Indexes...)
}

// demand is how a filter names a field.
type demand int

const (
	unnamed demand = iota
	exact          // one value, or one of a list
	ranged         // an interval, a beginning
	loose          // what no index helps with
)

// flatten answers the fields of a filter, once for each way that an $or leaves open.
func flatten(elements []bson.RawElement) ([]map[string]demand, error) {
	branches := []map[string]demand{{}}
	for _, e := range elements {
		switch e.Key() {
		case "$and", "$or":
			var alternatives []map[string]demand
			parts, err := e.Value().Array().Values()
			if err != nil {
				return nil, err
			}
			for _, p := range parts {
				inner, err := p.Document().Elements()
				if err != nil {
					return nil, err
				}
				flat, err := flatten(inner)
				if err != nil {
					return nil, err
				}
				if e.Key() == "$and" {
					branches = combine(branches, flat)
				} else {
					alternatives = append(alternatives, flat...)
				}
			}
			if e.Key() == "$or" {
				branches = combine(branches, alternatives)
			}
		default:
			branches = combine(branches, []map[string]demand{{e.Key(): demandOf(e.Value())}})
		}
	}
	return branches, nil
}

func combine(a, b []map[string]demand) []map[string]demand {
	out := make([]map[string]demand, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			both := map[string]demand{}
			for _, m := range []map[string]demand{x, y} {
				for k, d := range m {
					if was := both[k]; was == unnamed || d < was {
						both[k] = d
					}
				}
			}
			out = append(out, both)
		}
	}
	return out
}

func demandOf(v bson.RawValue) demand {
	d, isDocument := v.DocumentOK()
	if !isDocument {
		return exact
	}
	elements, err := d.Elements()
	if err != nil || len(elements) == 0 || !strings.HasPrefix(elements[0].Key(), "$") {
		return exact
	}
	worst := unnamed
	for _, e := range elements {
		switch e.Key() {
		case "$eq", "$in":
			worst = max(worst, exact)
		case "$gt", "$gte", "$lt", "$lte":
			worst = max(worst, ranged)
		case "$regex":
			if text, ok := e.Value().StringValueOK(); ok && strings.HasPrefix(text, "^") {
				worst = max(worst, ranged)
			} else {
				worst = loose
			}
		case "$options":
		default:
			worst = loose
		}
	}
	return worst
}

// sorting answers the fields of a sort, "-" before a descending one.
func sorting(sort bson.Raw) ([]string, error) {
	if sort == nil {
		return nil, nil
	}
	elements, err := sort.Elements()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range elements {
		if n, ok := e.Value().AsInt64OK(); ok && n < 0 {
			out = append(out, "-"+e.Key())
		} else {
			out = append(out, e.Key())
		}
	}
	return out, nil
}

// serves reports whether an index finds what the fields ask for, in the order
// of the sort, without looking at a document that is not answered.
func serves(x mongodb.Index, fields map[string]demand, sort []string) bool {
	index := x.Fields
	if x.Gathered {
		return !slices.ContainsFunc(index, func(f string) bool { return fields[bare(f)] == unnamed || fields[bare(f)] == loose })
	}
	if index[0] == "_id" && fields["_id"] == exact {
		return len(sort) == 0 || sort[0] == "_id" || sort[0] == "-_id"
	}
	known := 0
	for known < len(index) && fields[bare(index[known])] == exact {
		known++
	}
	rest := index[known:]
	sort = slices.DeleteFunc(slices.Clone(sort), func(f string) bool { return fields[bare(f)] == exact })
	if len(sort) > len(rest) {
		return false
	}
	for i, f := range sort {
		sameWay := strings.HasPrefix(f, "-") == strings.HasPrefix(rest[i], "-")
		firstWay := strings.HasPrefix(sort[0], "-") == strings.HasPrefix(rest[0], "-")
		if bare(f) != bare(rest[i]) || sameWay != firstWay {
			return false
		}
	}
	left := 0
	for f, d := range fields {
		in := slices.IndexFunc(index, func(x string) bool { return bare(x) == f })
		switch {
		case f == "_id" && index[0] != "_id", in < 0 && index[0] == "_id" && d == exact:
			continue // known after the look-up by the other
		case in < 0 || d == loose:
			return false
		case in >= known:
			left++
		}
	}
	if index[0] == "_id" {
		return fields["_id"] == ranged
	}
	return known > 0 && (left == 0 || len(sort) > 0 || len(rest) > 0 && fields[bare(rest[0])] == ranged)
}

func bare(field string) string { return strings.TrimPrefix(field, "-") }

func names(fields map[string]demand) []string {
	var out []string
	for f, d := range fields {
		out = append(out, fmt.Sprintf("%s (%s)", f, [...]string{"unnamed", "exact", "ranged", "loose"}[d]))
	}
	slices.Sort(out)
	return out
}
