package servers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// MailServer takes mails by SMTP and keeps them.
type MailServer struct {
	*Process
	// Web is where its pages and its API are, without a slash at the end.
	Web string
}

// Mail is one that came.
type Mail struct {
	ID        string
	MessageID string
	From      MailAddress
	To        []MailAddress
	Subject   string
	Text      string
	HTML      string
	// Headers are those of the mail, by canonical name.
	Headers map[string][]string
}

// MailAddress is a name with an address.
type MailAddress struct{ Name, Address string }

// Mailpit starts a mail server. Further arguments are its own, such as
// --smtp-auth-file.
func Mailpit(t T, arguments ...string) *MailServer {
	t.Helper()
	program := tool(t, "mailpit")
	api, err := FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &MailServer{Web: "http://" + api}
	s.Process = start(t, spec{
		name: "the mail server",
		command: func(addr string) (string, []string) {
			return program, append([]string{"--smtp", addr, "--listen", api, "--disable-version-check"}, arguments...)
		},
		ready: func(ctx context.Context, addr string) error {
			if err := accepts(ctx, addr); err != nil {
				return err
			}
			_, err := get[struct{}](ctx, s.Web+"/api/v1/info")
			return err
		},
	})
	return s
}

func get[T any](ctx context.Context, url string) (out T, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return out, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return out, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return out, json.NewDecoder(resp.Body).Decode(&out)
}

// Mails answers what came, oldest first.
func (s *MailServer) Mails(t T) []Mail {
	t.Helper()
	list, err := s.list(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := make([]Mail, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		id := list[i].ID
		m, err := get[Mail](t.Context(), s.Web+"/api/v1/message/"+id)
		if err != nil {
			t.Fatal(err)
		}
		if m.Headers, err = get[map[string][]string](t.Context(), s.Web+"/api/v1/message/"+id+"/headers"); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// MessageIDs answers how often a mail of each Message-ID came.
func (s *MailServer) MessageIDs(ctx context.Context) (map[string]int, error) {
	list, err := s.list(ctx)
	out := make(map[string]int, len(list))
	for i := range list {
		out[list[i].MessageID]++
	}
	return out, err
}

func (s *MailServer) list(ctx context.Context) ([]Mail, error) {
	const most = 10_000
	list, err := get[struct{ Messages []Mail }](ctx, fmt.Sprintf("%s/api/v1/messages?limit=%d", s.Web, most))
	return list.Messages, err
}

// Clear drops all mails.
func (s *MailServer) Clear(t T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.Web+"/api/v1/messages", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("clear the mails: %s", res.Status)
	}
}

// URL is how a client hands it mails, without encryption.
func (s *MailServer) URL() string { return "smtp://" + s.Addr + "?tls=never" }
