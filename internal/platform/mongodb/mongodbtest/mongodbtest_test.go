package mongodbtest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"headway/internal/platform/mongodb"
)

var rows = mongodb.Collection{
	Name: "rows", ShardKey: "w",
	Indexes: []mongodb.Index{{Fields: []string{"w", "seq"}}, {Fields: []string{"w", "shelf", "seq", "scope"}}, {Fields: []string{"w", "words"}, Gathered: true}},
}

var log = mongodb.Collection{Name: "log", ShardKey: "w", Scattered: true, Indexes: []mongodb.Index{{Fields: []string{"w", "first"}, Unique: true}}}

var due = mongodb.Collection{Name: "due", ShardKey: "w", Swept: "due", Indexes: []mongodb.Index{{Fields: []string{"due"}}}}

func TestJudge(t *testing.T) {
	t.Parallel()
	type d = bson.D
	above := d{{Key: "$gt", Value: 5}}
	for name, c := range map[string]struct {
		command d
		ok      bool
	}{
		"an index's range":                  {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "seq", Value: above}}}, {Key: "sort", Value: d{{Key: "seq", Value: -1}}}}, true},
		"sorted by what is known":           {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "shelf", Value: 1}}}, {Key: "sort", Value: d{{Key: "w", Value: 1}, {Key: "seq", Value: 1}}}}, true},
		"a filter inside the index":         {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "shelf", Value: 1}, {Key: "seq", Value: above}, {Key: "scope", Value: d{{Key: "$in", Value: bson.A{1}}}}}}, {Key: "sort", Value: d{{Key: "seq", Value: 1}}}}, true},
		"a beginning":                       {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "$and", Value: bson.A{d{{Key: "words", Value: d{{Key: "$regex", Value: "^a"}}}}, d{{Key: "words", Value: d{{Key: "$regex", Value: "^b"}}}}}}}}}, true},
		"by id":                             {d{{Key: "update", Value: "rows"}, {Key: "updates", Value: bson.A{d{{Key: "q", Value: d{{Key: "w", Value: 1}, {Key: "_id", Value: 1}, {Key: "v", Value: above}}}}}}}, true},
		"a range of ids":                    {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "_id", Value: above}}}, {Key: "sort", Value: d{{Key: "_id", Value: 1}}}}, true},
		"a sweep":                           {d{{Key: "find", Value: "log"}, {Key: "filter", Value: d{{Key: "_id", Value: above}}}, {Key: "sort", Value: d{{Key: "_id", Value: 1}}}}, true},
		"a sweep by its field":              {d{{Key: "find", Value: "due"}, {Key: "filter", Value: d{{Key: "due", Value: above}}}}, true},
		"a sweep by more":                   {d{{Key: "find", Value: "due"}, {Key: "filter", Value: d{{Key: "due", Value: above}, {Key: "x", Value: 1}}}}, false},
		"a sweep in an order":               {d{{Key: "find", Value: "due"}, {Key: "filter", Value: d{{Key: "due", Value: above}}}, {Key: "sort", Value: d{{Key: "x", Value: 1}}}}, false},
		"nothing to do with a collection":   {d{{Key: "ping", Value: 1}}, true},
		"a sweep where none may":            {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "_id", Value: above}}}}, false},
		"another first field":               {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "seq", Value: 5}, {Key: "w", Value: 1}}}}, false},
		"no filter":                         {d{{Key: "find", Value: "rows"}}, false},
		"a range of shards":                 {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: above}}}}, false},
		"a search":                          {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "words", Value: "a"}, {Key: "state", Value: 0}}}, {Key: "sort", Value: d{{Key: "seq", Value: 1}}}}, true},
		"a sort of its own":                 {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "shelf", Value: 1}}}, {Key: "sort", Value: d{{Key: "scope", Value: 1}}}}, false},
		"two ways at once":                  {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "shelf", Value: 1}}}, {Key: "sort", Value: d{{Key: "seq", Value: 1}, {Key: "scope", Value: -1}}}}, false},
		"a field of no index":               {d{{Key: "delete", Value: "rows"}, {Key: "deletes", Value: bson.A{d{{Key: "q", Value: d{{Key: "w", Value: 1}, {Key: "title", Value: "a"}}}}}}}, false},
		"a gap in the index":                {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "scope", Value: 3}}}}, false},
		"one of two ways":                   {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "$or", Value: bson.A{d{{Key: "seq", Value: 1}}, d{{Key: "title", Value: 1}}}}}}}, false},
		"what no index helps with":          {d{{Key: "find", Value: "rows"}, {Key: "filter", Value: d{{Key: "w", Value: 1}, {Key: "seq", Value: d{{Key: "$ne", Value: 1}}}}}}, false},
		"a collection that is not declared": {d{{Key: "find", Value: "other"}, {Key: "filter", Value: d{{Key: "w", Value: 1}}}}, false},
		"a document without its shard":      {d{{Key: "insert", Value: "rows"}, {Key: "documents", Value: bson.A{d{{Key: "seq", Value: 1}}}}}, false},
		"an aggregation over everything":    {d{{Key: "aggregate", Value: "rows"}, {Key: "pipeline", Value: bson.A{d{{Key: "$group", Value: d{}}}}}}, false},
	} {
		raw, err := bson.Marshal(c.command)
		if err != nil {
			t.Fatal(err)
		}
		if err := Judge(raw, []mongodb.Collection{rows, log, due}); (err == nil) != c.ok {
			t.Errorf("%s: judged %v", name, err)
		}
	}
}
