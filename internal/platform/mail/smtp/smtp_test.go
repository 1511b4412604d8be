package smtp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"headway/internal/platform/mail"
	"headway/internal/platform/mail/smtp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for address, port := range map[string]int{
		"smtp://mail.example.org": 587, "smtp://mail.example.org:25?tls=never": 25, "smtps://u:p@mail.example.org": 465,
		"smtp://u:p@mail.example.org:2525": 2525, "smtp://mail.example.org?tls=always": 587, "smtp://[::1]:1025": 1025,
	} {
		if got, err := smtp.Parse(address); err != nil || got.Port != port {
			t.Errorf("%s: port %d, %v; want %d", address, got.Port, err, port)
		}
	}
	for _, address := range []string{
		"", "smtp://", "http://mail.example.org", "smtp://u@mail.example.org", "smtp://mail.example.org/inbox", "smtp://mail.example.org:0",
		"smtp://mail.example.org?tls=perhaps", "smtp://mail.example.org?x=y", "smtps://mail.example.org?tls=never", "smtp://u:secret@mail.example.org?tls=never",
		"smtp://u:secret@mail.example.org:port",
	} {
		if _, err := smtp.Parse(address); err == nil {
			t.Errorf("%q was taken", address)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is in %q", err)
		}
	}
}

func sender(t *testing.T, url string, timeout time.Duration) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(smtp.Options{URL: url, From: &netmail.Address{Name: "Headway", Address: "headway@example.org"}, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message() mail.Message {
	return mail.Message{
		ID: "42@example.org", To: "ada@example.org", Name: "Ada Lovelace", Subject: "Ann assigned you: Tür “streichen”",
		Text: "Hello Ada,\n\nTür.\n", HTML: "<p>Hello Ada</p>", Unsubscribe: "https://headway.test/unsubscribe?token=abc",
	}
}

// talker is a mail server whose answers a test chooses, by the command's first
// word; "." is the end of the data. "" hangs up.
func talker(t *testing.T, answers map[string]string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talk(c, answers)
		}
	}()
	return "smtp://" + l.Addr().String() + "?tls=never"
}

func talk(c net.Conn, answers map[string]string) {
	defer c.Close()
	_, _ = fmt.Fprint(c, "220 ready\r\n")
	data := false
	for s := bufio.NewScanner(c); s.Scan(); {
		word, _, _ := strings.Cut(strings.ToUpper(s.Text()), " ")
		if data && word != "." {
			continue
		}
		answer, told := answers[word]
		switch {
		case told && answer == "":
			return
		case told:
		case word == "DATA":
			answer = "354 go on"
		default:
			answer = "250 ok"
		}
		data = word == "DATA" && strings.HasPrefix(answer, "354")
		if _, err := fmt.Fprint(c, answer+"\r\n"); err != nil {
			return
		}
	}
}

func TestWhatTheServerSays(t *testing.T) {
	t.Parallel()
	for what, tc := range map[string]struct {
		answers       map[string]string
		sent, refused bool
	}{
		"takes it":                               {nil, true, false},
		"is gone after it took it":               {map[string]string{"RSET": "", "QUIT": ""}, true, false},
		"is cross after it took it":              {map[string]string{"RSET": "421 bye", "QUIT": "500 what"}, true, false},
		"knows no such mailbox":                  {map[string]string{"RCPT": "550 no such mailbox"}, false, true},
		"refuses what it says":                   {map[string]string{".": "554 no"}, false, true},
		"asks to come again":                     {map[string]string{"RCPT": "451 later"}, false, false},
		"asks to come again at the end":          {map[string]string{".": "451 later"}, false, false},
		"does not take mails of this sender":     {map[string]string{"MAIL": "550 not you"}, false, false},
		"is gone before it says that it took it": {map[string]string{".": ""}, false, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			err := sender(t, talker(t, tc.answers), 0).Send(t.Context(), message())
			if (err == nil) != tc.sent || errors.Is(err, mail.ErrRefused) != tc.refused {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // it takes connections and says nothing
	s := sender(t, "smtp://"+l.Addr().String()+"?tls=never", 50*time.Millisecond)
	if err := s.Send(t.Context(), message()); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Errorf("answered %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, message()); err == nil {
		t.Error("sent though nobody waits")
	}
}
