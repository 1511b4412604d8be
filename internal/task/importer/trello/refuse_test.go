package trello

import (
	"strings"
	"testing"
	"unicode/utf16"

	"headway/internal/apperr"
)

// TestRefused holds that a file that is not a board gets one sentence that says what it is.
func TestRefused(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	for name, c := range map[string]struct{ file, says string }{
		"empty":              {"", "empty"},
		"white space":        {" \n\t ", "empty"},
		"zip":                {"PK\x03\x04rest", "zip"},
		"gzip":               {"\x1f\x8b\x08\x00", "gzip"},
		"page":               {"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"},
		"CSV":                {"Card ID,Card Name,Card URL\n1,2,3\n", "CSV"},
		"CSV in German":      {"\"Karten-ID\";\"Kartenname\";\"Liste\"\n1;2;3\n", "CSV"},
		"CSV with a mark":    {"\ufeffID de la carte,Nom,URL\n", "CSV"},
		"prose":              {"hello", "not JSON"},
		"number":             {"42", "single value"},
		"string":             {`"board"`, "single value"},
		"null":               {"null", "single value"},
		"truncated":          {`{"name":"x","cards":[{"id":"1","na`, "breaks off"},
		"truncated key":      {`{"name":"x","lists":[`, "breaks off"},
		"two boards":         {`{"lists":[],"cards":[]}{"lists":[]}`, "More follows"},
		"bad syntax":         {`{"lists":[],"cards":[}`, "not valid JSON"},
		"NaN":                {`{"lists":[{"id":"1","pos":NaN}],"cards":[]}`, "not valid JSON"},
		"deep":               {`{"lists":[],"cards":[],"x":` + deep + `}`, "nested"},
		"deep card":          {`{"lists":[],"cards":[{"x":` + deep + `}]}`, "nested"},
		"deep from the top":  {deep, "nested"},
		"empty object":       {"{}", "no lists and no cards"},
		"other JSON":         {`{"users":[1,2]}`, "no lists and no cards"},
		"single card":        {`{"id":"1","idShort":4,"name":"Fix it","idList":"2","badges":{},"actions":[]}`, "single card (“Fix it”)"},
		"single list":        {`{"id":"1","name":"Doing","idBoard":"2","pos":1}`, "single list"},
		"bare cards":         {`[{"id":"1","name":"a","idList":"2"}]`, "bare list of cards"},
		"bare lists":         {`[{"id":"1","name":"a","idBoard":"2"}]`, "bare list of lists"},
		"boards":             {`[{"id":"1","name":"a","prefs":{}}]`, "list of boards"},
		"history":            {`[{"id":"1","type":"commentCard","memberCreator":{}}]`, "bare list of history entries"},
		"empty array":        {`[]`, "JSON array"},
		"array of numbers":   {`[1,2,3]`, "JSON array"},
		"truncated array":    {`[{"id":"1","idList":"2"},`, "breaks off"},
		"WeKan":              {`{"_format":"wekan-board-1.0.0","lists":[],"cards":[]}`, "another program"},
		"board without body": {`{"id":"1","name":"B","prefs":{}}`, "neither its lists nor its cards"},
		"huge title":         {`{"lists":[],"cards":[{"id":"1","name":"` + strings.Repeat("x", 40<<20) + `"}]}`, "single value"},
		"zero bytes":         {"{\"a\":\x00\x01\x02}", "zero bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, "file.json", []byte(c.file))
			if !apperr.Is(err, apperr.Invalid) {
				t.Fatalf("answered %v, want a sentence", err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("says %q, want %q in it", err, c.says)
			}
		})
	}
}

const small = `{"name":"Bücher 📚","lists":[{"id":"1","name":"À faire"}],"cards":[{"id":"2","name":"日本語","idList":"1"}]}`

// TestEncodings holds that the usual encodings of a download or an editor are read.
func TestEncodings(t *testing.T) {
	wide := func(s string, big bool) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(s)) {
			hi, lo := byte(u>>8), byte(u)
			if big {
				b.WriteByte(hi)
				b.WriteByte(lo)
			} else {
				b.WriteByte(lo)
				b.WriteByte(hi)
			}
		}
		return b.String()
	}
	for name, file := range map[string]string{
		"UTF-8": small, "UTF-8 with a mark": "\ufeff" + small, "leading space": "\n\n  " + small + "\n",
		"UTF-16LE with a mark": wide("\ufeff"+small, false), "UTF-16BE with a mark": wide("\ufeff"+small, true),
		"UTF-16LE": wide(small, false), "UTF-16BE": wide(small, true),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := open(t, "x.json", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			if rep := b.Report(); rep.Board != "Bücher 📚" || rep.RowOf("cards").Comes != 1 || len(rep.Remarks) != 0 {
				t.Errorf("read as %+v", rep)
			}
		})
	}
}

// TestBrokenUTF8 holds that broken characters are replaced and counted.
func TestBrokenUTF8(t *testing.T) {
	b, err := open(t, "x.json", []byte(strings.Replace(small, "日本語", "caf\xe9 \xff", 1)))
	if err != nil {
		t.Fatal(err)
	}
	rep := b.Report()
	if len(rep.Remarks) != 1 || !strings.HasPrefix(rep.Remarks[0].Text, "2 characters") {
		t.Errorf("remarks: %+v", rep.Remarks)
	}
}
