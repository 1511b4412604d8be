package sqlite

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"slices"
	"strconv"

	"headway/internal/platform/ids"
	"headway/internal/platform/sqlitedb"
	"headway/internal/task/readmodel"
	"headway/internal/task/readmodel/words"
	"headway/internal/task/state"
)

// taskTexts answers all text of a task that search looks at, nil where the task is gone.
func taskTexts(c *sqlitedb.Conn, w, n int64) ([]string, error) {
	var texts []string
	var id ids.ID
	err := c.Query("SELECT id, card, detail FROM tasks WHERE n = ?", func(st *sqlitedb.Stmt) error {
		task, err := readmodel.DecodeTask(sqlitedb.ColumnBlob(st, 1), nil)
		if err != nil {
			return err
		}
		detail, apart := shortDetail(st, 2)
		if apart {
			if detail, err = longDetail(c, n); err != nil {
				return err
			}
		}
		d, err := readmodel.DecodeDetail(detail)
		if err != nil {
			return err
		}
		id = task.ID
		texts = append(texts, task.Title, d.Description)
		return nil
	}, n)
	if err != nil || texts == nil {
		return nil, err
	}
	err = c.Query("SELECT json FROM comments WHERE w = ? AND task = ?", func(st *sqlitedb.Stmt) error {
		var comment state.Comment
		if err := json.Unmarshal(sqlitedb.ColumnBlob(st, 0), &comment); err != nil {
			return err
		}
		texts = append(texts, comment.Text)
		return nil
	}, w, id)
	return texts, err
}

// wordSet gathers the different words of a text, each behind its workspace's
// number. It is used again and again, because a map made anew for every task
// would cost more than finding the words.
type wordSet struct {
	prefix []byte
	text   []byte  // the words written so far, each with a blank after it
	spans  []span  // where they stand
	table  []int32 // spans by hash, plus one; 0 is free
	seed   maphash.Seed
}

type span struct{ from, to int }

// indexed writes the different words of the texts.
func (s *wordSet) indexed(w int64, texts []string) string {
	if s.table == nil {
		s.table, s.seed = make([]int32, 256), maphash.MakeSeed()
	}
	s.prefix = append(strconv.AppendInt(s.prefix[:0], w, 10), 'x')
	s.text, s.spans = s.text[:0], s.spans[:0]
	clear(s.table)
	for _, t := range texts {
		words.Each(t, s.add)
	}
	return string(s.text)
}

func (s *wordSet) add(word []byte) {
	if 2*len(s.spans) >= len(s.table) {
		s.grow()
	}
	i := s.place(word)
	if s.table[i] != 0 {
		return
	}
	s.text = append(s.text, s.prefix...)
	from := len(s.text)
	s.text = append(s.text, word...)
	s.spans = append(s.spans, span{from, len(s.text)})
	s.text = append(s.text, ' ')
	s.table[i] = int32(len(s.spans)) // #nosec G115 -- bounded by the text's length
}

// place answers where in the table the word is, or would be.
func (s *wordSet) place(word []byte) int {
	mask := len(s.table) - 1
	i := int(maphash.Bytes(s.seed, word)) & mask // #nosec G115 -- masked
	for s.table[i] != 0 {
		at := s.spans[s.table[i]-1]
		if bytes.Equal(s.text[at.from:at.to], word) {
			break
		}
		i = (i + 1) & mask
	}
	return i
}

func (s *wordSet) grow() {
	s.table = make([]int32, 2*len(s.table))
	for n, at := range s.spans {
		s.table[s.place(s.text[at.from:at.to])] = int32(n + 1) // #nosec G115 -- as above
	}
}

// holds reports whether each word of the query begins a word of the task.
func holds(c *sqlitedb.Conn, w, n int64, query []string) (bool, error) {
	texts, err := taskTexts(c, w, n)
	if err != nil {
		return false, err
	}
	missing := slices.Clone(query)
	for _, text := range texts {
		words.Each(text, func(word []byte) {
			missing = slices.DeleteFunc(missing, func(q string) bool { return len(word) >= len(q) && string(word[:len(q)]) == q })
		})
		if len(missing) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// matchExpr writes the query: every word as a prefix. Words are letters and
// digits only, so that nothing in them has a meaning to the index.
func matchExpr(w int64, query []string) string {
	var b []byte
	for i, word := range query {
		if i > 0 {
			b = append(b, " AND "...)
		}
		b = append(b, '"')
		b = strconv.AppendInt(b, w, 10)
		b = append(b, 'x')
		for _, c := range []byte(word) {
			if c != '"' {
				b = append(b, c)
			}
		}
		b = append(b, `"*`...)
	}
	return string(b)
}
