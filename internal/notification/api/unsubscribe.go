package api

import (
	"html/template"
	"net/http"

	"headway/internal/apperr"
	"headway/internal/notification/state"
	"headway/internal/platform/rest"
)

// unsubscribePage is what a link in a mail opens. It changes nothing by itself:
// programs that look at mails open links. Its button does, and so does the
// one-click request of a mail program (RFC 8058), both by POST.
var unsubscribePage = template.Must(template.New("unsubscribe").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>Headway: mails</title></head>
<body><main><h1>Mails from Headway</h1>
{{if .Done}}<p>You will get no more mails {{.About}}. You can switch them on again in your notification settings.</p>
{{else}}<p>Press the button to get fewer mails from Headway.</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>{{end}}
</main></body></html>
`))

// about words a topic to follow "no more mails".
var about = map[state.Topic]string{
	state.Assignments: "when somebody assigns you to a task",
	state.Mentions:    "when somebody mentions you",
	state.Due:         "about tasks that are due",
}

type unsubscribeData struct {
	Done  bool
	About string
}

func page(w http.ResponseWriter, data unsubscribeData) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	_ = unsubscribePage.Execute(w, data) // the client is gone where this fails
}

func (h *Handlers) askToUnsubscribe(w http.ResponseWriter, _ *http.Request) {
	page(w, unsubscribeData{})
}

func (h *Handlers) unsubscribe(w http.ResponseWriter, r *http.Request) {
	topic, err := h.Commands.Unsubscribe(r.Context(), r.URL.Query().Get("token"))
	if err != nil {
		rest.WriteProblem(w, err)
		return
	}
	words, ok := about[topic]
	if !ok {
		rest.WriteProblem(w, apperr.New(apperr.Internal, "The topic %q has no words.", string(topic)))
		return
	}
	page(w, unsubscribeData{Done: true, About: words})
}
