package trello

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The shapes of Trello's export, as far as the import reads them.
// https://developer.atlassian.com/cloud/trello/guides/rest-api/object-definitions/

type list struct {
	ID        text    `json:"id"`
	Name      text    `json:"name"`
	Closed    boolean `json:"closed"`
	Pos       number  `json:"pos"`
	SoftLimit number  `json:"softLimit"`
}

type label struct {
	ID    text `json:"id"`
	Name  text `json:"name"`
	Color text `json:"color"`
}

// UnmarshalJSONFrom takes a plain string as a label's name.
func (l *label) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	type plain label
	*l = label{}
	if dec.PeekKind() == '{' {
		return json.UnmarshalDecode(dec, (*plain)(l))
	}
	return l.Name.UnmarshalJSONFrom(dec)
}

// labels is an array of labels or of their names.
type labels []label

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *labels) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = (*o)[:0]
	return each(dec, func() error {
		kind := dec.PeekKind()
		var l label
		if err := l.UnmarshalJSONFrom(dec); err != nil {
			return err
		}
		if (kind == '{' || l.Name != "") && len(*o) < maxInner {
			*o = append(*o, l)
		}
		return nil
	})
}

type member struct {
	ID       text `json:"id"`
	FullName text `json:"fullName"`
	Username text `json:"username"`
	Initials text `json:"initials"`
}

type checklist struct {
	ID     text               `json:"id"`
	Name   text               `json:"name"`
	IDCard text               `json:"idCard"`
	Pos    number             `json:"pos"`
	Items  objects[checkItem] `json:"checkItems"`
	// Short is the name that some tools give to checkItems.
	Short objects[checkItem] `json:"items"`
}

type checkItem struct {
	ID       text   `json:"id"`
	Name     text   `json:"name"`
	State    text   `json:"state"`
	Pos      number `json:"pos"`
	Due      moment `json:"due"`
	IDMember text   `json:"idMember"`
}

type attachment struct {
	ID       text    `json:"id"`
	Name     text    `json:"name"`
	FileName text    `json:"fileName"`
	URL      text    `json:"url"`
	IsUpload boolean `json:"isUpload"`
}

type fieldDef struct {
	ID      text                 `json:"id"`
	Name    text                 `json:"name"`
	Type    text                 `json:"type"`
	Options objects[fieldOption] `json:"options"`
	Display object[fieldDisplay] `json:"display"`
}

type fieldDisplay struct {
	Options objects[fieldOption] `json:"options"`
}

type fieldOption struct {
	ID    text               `json:"id"`
	Value object[fieldValue] `json:"value"`
}

type fieldItem struct {
	IDCustomField text               `json:"idCustomField"`
	IDValue       text               `json:"idValue"`
	Value         object[fieldValue] `json:"value"`
}

type fieldValue struct {
	Text    text `json:"text"`
	Number  text `json:"number"`
	Checked text `json:"checked"`
	Date    text `json:"date"`
}

// action is an entry of the history, or a comment as the API or a tool gives it.
type action struct {
	ID              text               `json:"id"`
	Type            text               `json:"type"`
	Date            moment             `json:"date"`
	IDMemberCreator text               `json:"idMemberCreator"`
	MemberCreator   object[member]     `json:"memberCreator"`
	Member          object[member]     `json:"member"`
	Data            object[actionData] `json:"data"`
	// The rest is how cut-downs write a comment.
	IDCard text `json:"idCard"`
	Text   text `json:"text"`
}

type actionData struct {
	Text   text            `json:"text"`
	Card   object[cardRef] `json:"card"`
	IDCard text            `json:"idCard"`
}

type cardRef struct {
	ID text `json:"id"`
}

func (a *action) isComment() bool {
	return a.Type == "commentCard" || a.Type == "copyCommentCard" ||
		a.Type == "" && (a.Data.v.Text != "" || a.Text != "")
}

func (a *action) card() string {
	for _, s := range []text{a.Data.v.Card.v.ID, a.Data.v.IDCard, a.IDCard} {
		if s != "" {
			return string(s)
		}
	}
	return ""
}

func (a *action) text() string {
	if a.Data.v.Text != "" {
		return string(a.Data.v.Text)
	}
	return string(a.Text)
}

// author answers who wrote it; the id may be missing, the name too.
func (a *action) author() member {
	m := a.MemberCreator.v
	if m.ID == "" {
		m.ID = a.IDMemberCreator
	}
	return m
}

// outline is as much of a card as the first pass keeps.
type outline struct {
	ID        text                `json:"id"`
	ShortLink text                `json:"shortLink"`
	Name      text                `json:"name"`
	IDList    text                `json:"idList"`
	IDShort   number              `json:"idShort"`
	Pos       number              `json:"pos"`
	IDLabels  texts               `json:"idLabels"`
	Labels    labels              `json:"labels"`
	Members   objects[member]     `json:"members"`
	Comments  objects[commentRef] `json:"comments"`
	Actions   objects[commentRef] `json:"actions"`
}

// commentRef is as much of a comment inside a card as the first pass needs: its author.
type commentRef struct {
	IDMemberCreator text           `json:"idMemberCreator"`
	MemberCreator   object[member] `json:"memberCreator"`
}

// card is the whole card.
type card struct {
	ID          text    `json:"id"`
	ShortLink   text    `json:"shortLink"`
	Name        text    `json:"name"`
	Desc        text    `json:"desc"`
	Closed      boolean `json:"closed"`
	Due         moment  `json:"due"`
	Start       moment  `json:"start"`
	DueComplete boolean `json:"dueComplete"`
	Activity    moment  `json:"dateLastActivity"`
	IsTemplate  boolean `json:"isTemplate"`

	IDLabels   texts           `json:"idLabels"`
	Labels     labels          `json:"labels"`
	IDMembers  texts           `json:"idMembers"`
	Members    objects[member] `json:"members"`
	IDVoted    texts           `json:"idMembersVoted"`
	Location   text            `json:"locationName"`
	Address    text            `json:"address"`
	Badges     object[badges]  `json:"badges"`
	Cover      object[cover]   `json:"cover"`
	Attachment text            `json:"idAttachmentCover"`

	Attachments objects[attachment] `json:"attachments"`
	Checklists  objects[checklist]  `json:"checklists"`
	Fields      objects[fieldItem]  `json:"customFieldItems"`
	Comments    objects[action]     `json:"comments"`
	Actions     objects[action]     `json:"actions"`
	Stickers    objects[struct{}]   `json:"stickers"`
	PluginData  objects[struct{}]   `json:"pluginData"`
}

type badges struct {
	Comments number `json:"comments"`
}

type cover struct {
	IDAttachment text `json:"idAttachment"`
	Color        text `json:"color"`
	IDUploaded   text `json:"idUploadedBackground"`
}
