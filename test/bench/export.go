package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// writeExport writes a Trello board export of about so many bytes, shaped as
// Trello writes them (each card carries its badges, limits and cover), and
// answers how many cards are in it.
func writeExport(path string, size int64) (cards int, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	out := bufio.NewWriterSize(file, 1<<20)
	var wrote int64
	put := func(format string, args ...any) {
		n, _ := fmt.Fprintf(out, format, args...) // Flush answers the error
		wrote += int64(n)
	}
	put(`{"id":%q,"nodeId":"ari:cloud:trello::board/1","name":"Bench board","desc":"","descData":null,"closed":false,"url":"https://trello.com/b/bench","shortLink":"bench",`, trelloID(1, 0))
	put(`"prefs":{"permissionLevel":"private","background":"blue"},"labelNames":{"green":"","yellow":""},"lists":[`)
	const lists = 8
	for i := range lists {
		put(`%s{"id":%q,"name":"List %d","closed":%t,"pos":%d,"softLimit":null,"idBoard":%q,"subscribed":false}`, comma(i), trelloID(2, i), i+1, i == lists-1, (i+1)*65535, trelloID(1, 0))
	}
	put(`],"labels":[`)
	for i, color := range []string{"green", "yellow", "orange", "red", "purple", "blue_dark"} {
		put(`%s{"id":%q,"idBoard":%q,"name":"Label %d","color":%q}`, comma(i), trelloID(3, i), trelloID(1, 0), i, color)
	}
	put(`],"members":[`)
	const members = 12
	for i := range members {
		put(`%s{"id":%q,"fullName":"Member %d","username":"member%d","initials":"M%d"}`, comma(i), trelloID(4, i), i, i, i)
	}
	put(`],"cards":[`)
	text := strings.Repeat("What was agreed on the phone, with whom, and what is still open. ", 6)
	// Checklists and comments take about a fifth of the file, as they come after the cards.
	for ; wrote < size*4/5; cards++ {
		put(`%s{"id":%q,"address":null,"checkItemStates":null,"closed":%t,"coordinates":null,"creationMethod":null,"dateLastActivity":"2026-02-03T10:11:12.131Z",`, comma(cards), trelloID(5, cards), cards%17 == 0)
		put(`"desc":%q,"descData":{"emoji":{}},"dueReminder":null,"idBoard":%q,"idList":%q,"idMembersVoted":[],"idShort":%d,"idAttachmentCover":null,"locationName":null,"manualCoverAttachment":false,`, text[:60+cards*7%330], trelloID(1, 0), trelloID(2, cards%lists), cards+1)
		put(`"name":"Card %d: find out what the supplier needs","pos":%d,"shortLink":"s%07d","isTemplate":false,"cardRole":null,`, cards+1, (cards+1)*1024, cards)
		put(`"badges":{"attachmentsByType":{"trello":{"board":0,"card":0}},"location":false,"votes":0,"viewingMemberVoted":false,"subscribed":false,"fogbugz":"","checkItems":0,"checkItemsChecked":0,"checkItemsEarliestDue":null,"comments":0,"attachments":0,"description":true,"due":null,"dueComplete":false,"start":null},`)
		put(`"dueComplete":%t,"due":%s,"email":null,"idChecklists":[],"idMembers":[%q],"labels":[],"idLabels":[%q],`, cards%3 == 0, due(cards), trelloID(4, cards%members), trelloID(3, cards%6))
		put(`"limits":{"attachments":{"perCard":{"status":"ok","disableAt":1000,"warnAt":900}},"checklists":{"perCard":{"status":"ok","disableAt":500,"warnAt":450}},"stickers":{"perCard":{"status":"ok","disableAt":70,"warnAt":63}}},`)
		put(`"shortUrl":"https://trello.com/c/s%07d","start":null,"subscribed":false,"url":"https://trello.com/c/s%07d/%d-card","cover":{"idAttachment":null,"color":null,"idUploadedBackground":null,"size":"normal","brightness":"dark"},"attachments":[%s],"pluginData":[],"customFieldItems":[]}`, cards, cards, cards+1, attachment(cards))
	}
	put(`],"checklists":[`)
	for i := 0; wrote < size*19/20; i++ {
		card := i * 5 % cards
		put(`%s{"id":%q,"name":"Checklist","idBoard":%q,"idCard":%q,"pos":16384,"checkItems":[`, comma(i), trelloID(6, i), trelloID(1, 0), trelloID(5, card))
		for j := range 4 {
			put(`%s{"id":%q,"name":"Step %d of what has to be done","nameData":{"emoji":{}},"pos":%d,"state":%q,"due":null,"dueReminder":null,"idMember":null,"idChecklist":%q}`, comma(j), trelloID(7, i*4+j), j+1, (j+1)*1000, state(i+j), trelloID(6, i))
		}
		put(`]}`)
	}
	put(`],"actions":[`)
	for i := range 1000 {
		put(`%s{"id":%q,"idMemberCreator":%q,"data":{"text":"Comment %d, written after the call.","card":{"id":%q,"name":"Card"},"board":{"id":%q,"name":"Bench board"}},"type":"commentCard","date":"2026-01-02T03:04:05.678Z","memberCreator":{"id":%q,"username":"member","fullName":"Member"}}`,
			comma(i), trelloID(8, i), trelloID(4, i%members), i, trelloID(5, i%cards), trelloID(1, 0), trelloID(4, i%members))
	}
	put(`],"customFields":[],"pluginData":[]}`)
	return cards, out.Flush()
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// trelloID makes an id as Trello has them: 24 hexadecimal digits.
func trelloID(kind, i int) string { return fmt.Sprintf("%08x%016x", 0x60000000+kind, i) }

func due(i int) string {
	if i%4 != 0 {
		return "null"
	}
	return fmt.Sprintf(`"2026-%02d-%02dT09:00:00.000Z"`, i%12+1, i%28+1)
}

func state(i int) string {
	if i%3 == 0 {
		return "complete"
	}
	return "incomplete"
}

func attachment(i int) string {
	if i%10 != 0 {
		return ""
	}
	return fmt.Sprintf(`{"id":%q,"name":"Offer.pdf","url":"https://example.org/offer/%d","isUpload":false,"mimeType":"","bytes":null,"date":"2026-01-02T03:04:05.678Z"}`, trelloID(9, i), i)
}
