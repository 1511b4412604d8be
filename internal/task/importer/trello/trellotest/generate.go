// Package trellotest makes Trello exports of any size for tests and benchmarks.
package trellotest

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Board says how large an export Generate writes.
type Board struct {
	// Cards is how many cards it has; about a tenth of them are archived.
	Cards int
	// Comments is how many comments the history holds, spread over the cards.
	Comments int
	// Checklists is how many cards have a checklist of four items.
	Checklists int
	// Padding is how many bytes of members that the import passes over each
	// card has, beyond the 900 or so of an ordinary one. Real cards have 1,000 to 3,000.
	Padding int
	// Lists is how many lists there are; 0 is eight.
	Lists int
}

// ID answers the n-th id of a kind, in the form of Trello's own.
func ID(kind, n int) string { return fmt.Sprintf("5f0000%02x%016x", kind, n) }

// The kinds of ids.
const (
	kindBoard = iota + 1
	kindList
	kindCard
	kindLabel
	kindMember
	kindChecklist
	kindItem
	kindAction
	kindAttachment
)

// Generate writes an export. The history comes before the cards, as Trello writes it.
func Generate(w io.Writer, b Board) error {
	if b.Lists <= 0 {
		b.Lists = 8
	}
	out := bufio.NewWriterSize(w, 1<<20)
	f := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) } // Flush answers what went wrong
	comma := func(i int) string {
		if i == 0 {
			return ""
		}
		return ",\n"
	}
	f(`{"id":%q,"name":"Harbour works","desc":"Made for measuring.","closed":false,"prefs":{"background":"blue"},"actions":[`, ID(kindBoard, 1))
	for i := range b.Comments {
		f(`%s{"id":%q,"idMemberCreator":%q,"data":{"text":"Comment %d: the tide was higher than the plan said, so we moved it.","card":{"id":%q,"name":"x","idShort":1,"shortLink":"abcdefgh"},"board":{"id":%q,"name":"Harbour works"}},"type":"commentCard","date":"2024-03-04T05:06:07.%03dZ","memberCreator":{"id":%q,"fullName":"Person %d","username":"person%d"}}`,
			comma(i), ID(kindAction, i), ID(kindMember, i%20), i, ID(kindCard, i%max(b.Cards, 1)), ID(kindBoard, 1), i%1000, ID(kindMember, i%20), i%20, i%20)
	}
	f(`],"cards":[`)
	padding := strings.Repeat(`{"url":"https://example.org/scaled/preview.png","width":640,"height":480},`, b.Padding/75)
	for i := range b.Cards {
		f(`%s{"id":%q,"badges":{"comments":%d,"checkItems":0,"due":null},"checkItemStates":null,"closed":%t,"dueComplete":false,"dateLastActivity":"2024-02-03T04:05:06.789Z","desc":"What to do about berth %d:\n\n* look at it\n* measure **twice**\n* write down what was found","descData":null,"due":"2024-05-%02dT09:00:00.000Z","email":null,"idBoard":%q,"idChecklists":[],"idLabels":[%q],"idList":%q,"idMembers":[%q],"idShort":%d,"labels":[{"id":%q,"name":"Label %d","color":"green"}],"name":"Repair berth %d before the season","pos":%d,"shortLink":"k%07d","start":null,"url":"https://trello.com/c/k%07d","cover":{"idAttachment":null,"scaled":[%s{}]},"attachments":[{"id":%q,"name":"Plan %d","url":"https://example.org/plans/%d.pdf","isUpload":false}],"customFieldItems":[],"pluginData":[]}`,
			comma(i), ID(kindCard, i), b.Comments/max(b.Cards, 1), i%10 == 9, i, i%28+1, ID(kindBoard, 1), ID(kindLabel, i%12), ID(kindList, i%b.Lists), ID(kindMember, i%20), i+1,
			ID(kindLabel, i%12), i%12, i, (i*7919)%1_000_003, i, i, padding, ID(kindAttachment, i), i, i)
	}
	f(`],"labels":[`)
	for i := range 12 {
		f(`%s{"id":%q,"name":"Label %d","color":"green"}`, comma(i), ID(kindLabel, i), i)
	}
	f(`],"lists":[`)
	for i := range b.Lists {
		f(`%s{"id":%q,"name":"List %d","closed":false,"pos":%d}`, comma(i), ID(kindList, i), i, i*1000)
	}
	f(`],"members":[`)
	for i := range 20 {
		f(`%s{"id":%q,"fullName":"Person %d","username":"person%d"}`, comma(i), ID(kindMember, i), i, i)
	}
	f(`],"checklists":[`)
	for i := range b.Checklists {
		f(`%s{"id":%q,"name":"Steps","idCard":%q,"pos":1,"checkItems":[`, comma(i), ID(kindChecklist, i), ID(kindCard, i))
		for j := range 4 {
			f(`%s{"id":%q,"name":"Step %d","state":"incomplete","pos":%d}`, comma(j), ID(kindItem, 4*i+j), j, j)
		}
		f(`]}`)
	}
	f("]}\n")
	return out.Flush()
}
