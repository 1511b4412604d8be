package state

// Channel is a way by which somebody hears of something.
type Channel string

// The channels.
const (
	Inbox Channel = "inbox"
	Email Channel = "email"
)

// Channels are all channels.
var Channels = []Channel{Inbox, Email}

// Topic is what a person chooses by: kinds that belong together.
type Topic string

// The topics.
const (
	Assignments Topic = "assigned"
	Mentions    Topic = "mentioned"
	Comments    Topic = "commented"
	Due         Topic = "due"
	Members     Topic = "joined"
)

// Topics are all topics.
var Topics = []Topic{Assignments, Mentions, Comments, Due, Members}

// TopicOf answers the topic of a kind.
func TopicOf(k Kind) Topic {
	switch k {
	case DueSoon, Overdue:
		return Due
	case Assigned, Mentioned, Commented, Joined:
	}
	return Topic(k)
}

// Mailed reports whether there are mails about a topic at all.
func Mailed(t Topic) bool { return t == Assignments || t == Mentions || t == Due }

// Preferences are what a person wants to hear of. The zero value is the default.
type Preferences struct {
	// Off holds what is switched off.
	Off map[Channel]map[Topic]bool `json:"off,omitempty"`
	// Seq counts the changes.
	Seq uint64 `json:"seq"`
}

// Wants reports whether the person wants to hear of a topic by a channel.
func (p Preferences) Wants(c Channel, t Topic) bool {
	return (c != Email || Mailed(t)) && !p.Off[c][t]
}

// Set answers the preferences with one choice changed; p stays as it is.
func (p Preferences) Set(c Channel, t Topic, on bool) Preferences {
	next := Preferences{Seq: p.Seq, Off: map[Channel]map[Topic]bool{}}
	for channel, topics := range p.Off {
		for topic, off := range topics {
			if off && (channel != c || topic != t) {
				next.off(channel, topic)
			}
		}
	}
	if !on {
		next.off(c, t)
	}
	return next
}

func (p *Preferences) off(c Channel, t Topic) {
	if p.Off[c] == nil {
		p.Off[c] = map[Topic]bool{}
	}
	p.Off[c][t] = true
}

// Unwanted are the kinds that are not shown in the inbox.
func (p Preferences) Unwanted() []Kind {
	var out []Kind
	for _, k := range Kinds {
		if !p.Wants(Inbox, TopicOf(k)) {
			out = append(out, k)
		}
	}
	return out
}
