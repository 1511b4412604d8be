package importer

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxNames is how many names a remark lists; its Total counts them all.
const MaxNames = 50

// Report says, by count and name, what a file holds and what of it comes over.
type Report struct {
	// Format is the format's name, such as "Trello".
	Format string `json:"format"`
	// Board is the board's name.
	Board string `json:"board"`
	// Rows has one row per kind of thing, in a fixed order.
	Rows []Row `json:"rows"`
	// Remarks are about the file as a whole.
	Remarks []Remark `json:"remarks"`
}

// Row is one kind of thing.
type Row struct {
	// Kind is a stable key: lists, cards, items, comments, attachments, labels, members or fields.
	Kind string `json:"kind"`
	// What is the kind's name on the screen.
	What string `json:"what"`
	// InFile is how many the file holds, Comes how many of them come over, and
	// Already how many of those the workspace has from an import before.
	InFile  int `json:"inFile"`
	Comes   int `json:"comes"`
	Already int `json:"already"`
	// Remarks say what is left out or changed, and why.
	Remarks []Remark `json:"remarks"`
}

// Remark is one thing worth knowing about what comes over.
type Remark struct {
	// Left is set where something does not come over; otherwise it comes over changed.
	Left bool `json:"left"`
	// Text is the sentence, with its count.
	Text string `json:"text"`
	// Total is how many things it names or would name; Names lists the first MaxNames of them.
	Total int      `json:"total"`
	Names []string `json:"names"`
}

// RowOf answers the row of a kind, nil where there is none.
func (r *Report) RowOf(kind string) *Row {
	for i := range r.Rows {
		if r.Rows[i].Kind == kind {
			return &r.Rows[i]
		}
	}
	return nil
}

// WriteText writes the report as a table for a terminal, names included.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s board %q\n\n", r.Format, r.Board)
	rows := [][4]string{{"What", "In the file", "Comes over", "Already there"}}
	for i := range r.Rows {
		row := &r.Rows[i]
		rows = append(rows, [4]string{row.What, Count(row.InFile), Count(row.Comes - row.Already), Count(row.Already)})
	}
	var width [4]int
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		fmt.Fprintf(&b, "%-*s  %*s  %*s  %*s\n", width[0], row[0], width[1], row[1], width[2], row[2], width[3], row[3])
	}
	for i := range r.Rows {
		for j := range r.Rows[i].Remarks {
			writeRemark(&b, r.Rows[i].What, &r.Rows[i].Remarks[j])
		}
	}
	for j := range r.Remarks {
		writeRemark(&b, "", &r.Remarks[j])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRemark(b *strings.Builder, what string, m *Remark) {
	mark := "note"
	if m.Left {
		mark = "left out"
	}
	b.WriteString("\n")
	if what != "" {
		b.WriteString(what + ", ")
	}
	b.WriteString(mark + ": " + m.Text + "\n")
	for _, n := range m.Names {
		b.WriteString("  - " + n + "\n")
	}
	if more := m.Total - len(m.Names); len(m.Names) > 0 && more > 0 {
		b.WriteString("  … and " + Count(more) + " more\n")
	}
}

// Count writes a number with thousands separated: 18,204.
func Count(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		s = "-" + s
	}
	return s
}
