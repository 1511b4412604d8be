package delivery

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"headway/internal/notification/domain"
	"headway/internal/notification/state"
	"headway/internal/platform/mail"
	"headway/internal/platform/peer/contacts"
	"headway/internal/task/event"
)

// Lengths of what people wrote, in a mail.
const (
	maxName  = 60
	maxTitle = 120
)

// content is what a mail says.
type content struct {
	Greeting, Line, Why string
	Task, Settings      string // addresses
	Unsubscribe         string
}

var textTemplate = texttemplate.Must(texttemplate.New("text").Parse(`{{.Greeting}}

{{.Line}}

{{.Task}}

--
{{.Why}}
Unsubscribe: {{.Unsubscribe}}
All settings: {{.Settings}}
`))

var htmlTemplate = htmltemplate.Must(htmltemplate.New("html").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"></head>
<body style="font-family: sans-serif; line-height: 1.5; color: #1a1a1a">
<p>{{.Greeting}}</p>
<p>{{.Line}}</p>
<p><a href="{{.Task}}" style="display: inline-block; padding: 8px 16px; background: #2f5fd0; color: #ffffff; border-radius: 6px; text-decoration: none">Open the task</a></p>
<p style="font-size: 12px; color: #595959">{{.Why}} <a href="{{.Unsubscribe}}" style="color: #595959">Unsubscribe</a> · <a href="{{.Settings}}" style="color: #595959">All settings</a></p>
</body></html>
`))

// about is a notice with what it is about.
type about struct {
	notice  *state.Notice
	task    *state.Task
	project state.Project
	actor   string // "" where there is none
}

// words answers the subject, the line and the reason of a mail.
func (a *about) words() (subject, line, why string) {
	title, project, actor := mail.Clean(a.task.Title, maxTitle), mail.Clean(a.project.Name, maxTitle), mail.Clean(a.actor, maxName)
	if actor == "" {
		actor = "Somebody"
	}
	switch a.notice.Kind {
	case state.Assigned:
		return actor + " assigned you: " + title,
			fmt.Sprintf("%s assigned you to “%s” in %s.", actor, title, project),
			"You get this mail since you were assigned to a task in Headway."
	case state.Mentioned:
		where := "the description of"
		if a.notice.About != a.notice.Task {
			where = "a comment on"
		}
		return actor + " mentioned you: " + title,
			fmt.Sprintf("%s mentioned you in %s “%s” in %s.", actor, where, title, project),
			"You get this mail since somebody mentioned you in Headway."
	case state.DueSoon:
		return "Due soon: " + title, fmt.Sprintf("“%s” in %s is due %s.", title, project, day(a.task.Due)),
			"You get this mail since a task of yours in Headway is due."
	case state.Overdue:
		return "Overdue: " + title, fmt.Sprintf("“%s” in %s was due %s.", title, project, day(a.task.Due)),
			"You get this mail since a task of yours in Headway is due."
	case state.Commented, state.Joined:
	}
	return "", "", ""
}

// day words a due date.
func day(d event.Date) string {
	if at, err := time.Parse(time.DateOnly, string(d)); err == nil {
		return at.Format("on 2 January 2006")
	}
	if at, err := time.Parse(time.RFC3339, string(d)); err == nil {
		return at.UTC().Format("on 2 January 2006 at 15:04 UTC")
	}
	return "now"
}

// render makes the mail of an outgoing.
func (w *Worker) render(o *state.Outgoing, a *about, to contacts.Contact) (mail.Message, error) {
	subject, line, why := a.words()
	if subject == "" {
		return mail.Message{}, fmt.Errorf("there are no mails of the kind %q", a.notice.Kind)
	}
	name := mail.Clean(to.Name, maxName)
	topic := state.TopicOf(a.notice.Kind)
	c := content{
		Greeting: strings.TrimSpace("Hello "+name) + ",", Line: line, Why: why,
		Task:        w.PublicURL + "/w/" + a.notice.Workspace.String() + "/t/" + a.notice.Task.String(),
		Settings:    w.PublicURL + "/account/notifications",
		Unsubscribe: w.PublicURL + w.UnsubscribePath + "?token=" + domain.Unsubscribe(w.Secret, o.User, topic),
	}
	var text, html bytes.Buffer
	if err := textTemplate.Execute(&text, c); err != nil {
		return mail.Message{}, err
	}
	if err := htmlTemplate.Execute(&html, c); err != nil {
		return mail.Message{}, err
	}
	return mail.Message{
		ID: o.ID.String() + "@" + w.Domain, To: to.Email, Name: name, Subject: subject, Text: text.String(), HTML: html.String(),
		Unsubscribe: c.Unsubscribe,
	}, nil
}
