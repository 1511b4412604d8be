package trello

import (
	"strings"

	"headway/internal/task/importer"
)

// rows are the report's rows in their order.
var rows = []struct{ kind, what string }{
	{"lists", "Lists"}, {"cards", "Cards"}, {"items", "Checklist items"}, {"comments", "Comments"},
	{"attachments", "Attachments"}, {"labels", "Labels"}, {"members", "Members"}, {"fields", "Custom field values"},
}

// remarks is every remark that a report may hold, in its order: the part of
// the code before the dot is the row ("file" for none). # stands for the count.
var remarks = []struct {
	code      string
	left      bool
	one, many string
}{
	{"lists.archived", false, "1 archived list stays archived", "# archived lists stay archived"},
	{"lists.category", false, "1 list is more than plain open work, by its name", "# lists are more than plain open work, by their names"},
	{"lists.untitled", false, "1 list has no name: it becomes “Untitled list”", "# lists have no name: they become “Untitled list”"},
	{"lists.long", false, "1 name is shortened to 100 characters", "# names are shortened to 100 characters"},
	{"lists.none", false, "the file has no lists: the board gets one column, “Unfiled”", ""},
	{"lists.twice", true, "1 list is in the file twice", "# lists are in the file twice"},
	{"lists.many", true, "1 list is over the limit of 999; its cards go to “Unfiled”", "# lists are over the limit of 999; their cards go to “Unfiled”"},

	{"cards.archived", false, "1 archived card stays archived", "# archived cards stay archived"},
	{"cards.inArchived", false, "1 open card is in an archived list: it goes to the archive", "# open cards are in archived lists: they go to the archive"},
	{"cards.unfiled", false, "1 card names a list that is not in the file: it goes to the column “Unfiled”", "# cards name a list that is not in the file: they go to the column “Unfiled”"},
	{"cards.untitled", false, "1 card has no name: it becomes “Untitled card”", "# cards have no name: they become “Untitled card”"},
	{"cards.long", false, "1 title is longer than 500 characters: the whole of it starts the description", "# titles are longer than 500 characters: the whole of each starts the description"},
	{"cards.complete", false, "1 card is marked complete outside a done list: its description says so", "# cards are marked complete outside a done list: their descriptions say so"},
	{"cards.template", false, "1 card is a template: it comes over as a task whose description says so", "# cards are templates: they come over as tasks whose descriptions say so"},
	{"cards.location", false, "1 location goes into the description", "# locations go into the description"},
	{"cards.twice", true, "1 card is in the file twice", "# cards are in the file twice"},
	{"cards.date", true, "1 date cannot be read", "# dates cannot be read"},
	{"cards.description", true, "the end of 1 description of more than 100,000 characters", "the ends of # descriptions of more than 100,000 characters"},
	{"cards.cover", true, "1 card cover", "# card covers"},
	{"cards.votes", true, "1 vote", "# votes"},
	{"cards.stickers", true, "1 sticker", "# stickers"},

	{"items.extra", false, "1 due date or assignee of an item stands in its title", "# items have a due date or an assignee: it stands in the title"},
	{"items.untitled", false, "1 item has no text: it becomes “Untitled item”", "# items have no text: they become “Untitled item”"},
	{"items.long", false, "1 item is longer than 1,000 characters: the whole of it is in the description", "# items are longer than 1,000 characters: the whole of each is in the description"},
	{"items.many", true, "1 item is over the limit of 500 for a task: it is in the description instead", "# items are over the limit of 500 for a task: they are in the description instead"},
	{"items.orphan", true, "1 checklist belongs to a card that is not in the file", "# checklists belong to cards that are not in the file"},
	{"items.twice", true, "1 item is in the file twice", "# items are in the file twice"},

	{"comments.authors", false, "1 author is not a member here: kept by name", "# authors are not members here: kept by name"},
	{"comments.long", false, "1 comment is longer than 20,000 characters: it becomes several", "# comments are longer than 20,000 characters: each becomes several"},
	{"comments.capped", true, "the file holds # history entries, Trello's limit: older comments may be missing from it", "the file holds # history entries, about Trello's limit of 1,000: older comments may be missing from it"},
	{"comments.missing", true, "the cards count 1 comment that is not in the file", "the cards count # comments that are not in the file"},
	{"comments.orphan", true, "1 comment belongs to a card that is not in the file", "# comments belong to cards that are not in the file"},
	{"comments.empty", true, "1 comment has no text", "# comments have no text"},
	{"comments.twice", true, "1 comment is in the file twice", "# comments are in the file twice"},

	{"attachments.upload", false, "1 upload stays at Trello: the link may ask to sign in there", "# uploads stay at Trello: their links may ask to sign in there"},
	{"attachments.none", true, "1 link has no address", "# links have no address"},
	{"attachments.scheme", true, "1 link is no web address", "# links are no web addresses"},
	{"attachments.twice", true, "1 link is in the file twice", "# links are in the file twice"},
	{"attachments.many", true, "1 link is over the limit of 200 for a task: it is in the description instead", "# links are over the limit of 200 for a task: they are in the description instead"},

	{"labels.nameless", false, "1 label has no name: it comes over as a colour", "# labels have no name: they come over as colours"},
	{"labels.colour", false, "1 colour is unknown here: gray instead", "# colours are unknown here: gray instead"},
	{"labels.long", false, "1 name is shortened to 100 characters", "# names are shortened to 100 characters"},
	{"labels.unused", true, "1 label without a name that no card has", "# labels without a name that no card has"},
	{"labels.twice", true, "1 label is in the file twice", "# labels are in the file twice"},
	{"labels.dangling", true, "1 time a card has a label that is not in the file", "# times a card has a label that is not in the file"},
	{"labels.many", true, "1 label is over the limit of 50 for a task", "# labels are over the limit of 50 for a task"},

	{"members.placeholder", false, "1 person comes over by name, without an account", "# people come over by name, without an account"},
	{"members.former", false, "1 person is not on the board any more, but on its cards", "# people are not on the board any more, but on its cards"},
	{"members.nameless", false, "1 person has no name in the file: “Unnamed member”", "# people have no name in the file: “Unnamed member”"},
	{"members.empty", true, "1 entry says nothing about who it is", "# entries say nothing about who they are"},
	{"members.twice", true, "1 person is in the file twice", "# people are in the file twice"},
	{"members.unknown", true, "1 time a card has a person of whom the file knows nothing", "# times a card has a person of whom the file knows nothing"},
	{"members.many", true, "1 person is over the limit of 50 for a task", "# people are over the limit of 50 for a task"},

	{"fields.table", false, "1 value goes into the description as a table", "# values go into the descriptions, as tables"},
	{"fields.dangling", false, "1 value belongs to a field that is not in the file: “Unnamed field”", "# values belong to fields that are not in the file: “Unnamed field”"},
	{"fields.empty", true, "1 value is empty or names an option that is not in the file", "# values are empty or name options that are not in the file"},

	{"file.closed", false, "The board is closed: it becomes an archived project.", ""},
	{"file.unreadable", false, "1 character could not be read and stands as �.", "# characters could not be read and stand as �."},
	{"file.control", false, "1 control character was taken out.", "# control characters were taken out."},
	{"file.odd", true, "1 entry is not an object and says nothing.", "# entries are not objects and say nothing."},
	{"file.plugins", true, "1 piece of Power-Up data.", "# pieces of Power-Up data."},
	{"file.description", true, "The end of the board's description, after 100,000 characters.", ""},
}

// report writes what was counted.
func (t *tally) report(title string) importer.Report {
	t.addN("fields.table", "", t.comes["fields"])
	rep := importer.Report{Format: Format{}.Name(), Board: title, Rows: make([]importer.Row, 0, len(rows)), Remarks: []importer.Remark{}}
	for _, r := range rows {
		rep.Rows = append(rep.Rows, importer.Row{
			Kind: r.kind, What: r.what, InFile: t.inFile[r.kind], Comes: t.comes[r.kind], Remarks: []importer.Remark{},
		})
	}
	for i := range remarks {
		m := &remarks[i]
		r := t.remarks[m.code]
		if r == nil {
			continue
		}
		r.Left = m.left
		r.Text = m.one
		if r.n != 1 && m.many != "" {
			r.Text = m.many
		}
		r.Text = strings.Replace(r.Text, "#", importer.Count(r.n), 1)
		kind, _, _ := strings.Cut(m.code, ".")
		if row := rep.RowOf(kind); row != nil {
			row.Remarks = append(row.Remarks, r.Remark)
		} else {
			rep.Remarks = append(rep.Remarks, r.Remark)
		}
	}
	return rep
}
