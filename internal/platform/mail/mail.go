// Package mail is the port of sending mail. Adapters live in the folders beside it.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Message is a mail to one person.
type Message struct {
	// ID is its Message-ID without angle brackets, such as
	// "0190a5c2-…@headway.example.org". A mail that is sent again keeps it.
	ID string
	// To is an address as people have it, ada@example.org; Name may be "".
	To, Name string
	// Subject is one line; Clean makes one of what people wrote.
	Subject string
	// Text and HTML say the same.
	Text, HTML string
	// Unsubscribe, if not "", is an https address that ends such mails at one
	// POST (RFC 8058).
	Unsubscribe string
}

// ErrRefused is answered, among others, for a mail that will be refused again,
// such as one to an address that does not exist. All other errors may pass.
var ErrRefused = errors.New("mail: refused for good")

// Sender sends mail. It is safe for concurrent use.
type Sender interface {
	// Send returns nil once somebody else has taken over the mail. Where the
	// answer to that is lost on its way it answers an error, though the mail may
	// arrive. Errors hold no password.
	Send(ctx context.Context, m Message) error
}

// Check answers what is wrong with a message before it is sent.
func (m *Message) Check() error {
	if _, err := mail.ParseAddress(m.To); err != nil {
		return fmt.Errorf("%w: %q is not an address", ErrRefused, m.To)
	}
	for what, text := range map[string]string{"ID": m.ID, "name": m.Name, "subject": m.Subject, "unsubscribe address": m.Unsubscribe} {
		if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
			return fmt.Errorf("%w: its %s holds control characters", ErrRefused, what)
		}
	}
	if m.ID == "" || m.Subject == "" || m.Text == "" {
		return fmt.Errorf("%w: it has no ID, no subject or no text", ErrRefused)
	}
	return nil
}

// Clean makes one line of a text that people wrote, of at most limit
// characters: control characters and runs of spaces are one space.
func Clean(text string, limit int) string {
	words := strings.FieldsFunc(strings.ToValidUTF8(text, "\ufffd"), func(r rune) bool {
		// Format characters turn the direction of what follows, or are not seen.
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf)
	})
	line := strings.Join(words, " ")
	if utf8.RuneCountInString(line) <= limit {
		return line
	}
	runes := []rune(line)
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

// ParseFrom reads the address that mails come from, "Headway <headway@example.org>".
func ParseFrom(text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return nil, errors.New("must be an address such as Headway <headway@example.org>")
	}
	return a, nil
}

// Domain is the part of an address after the @.
func Domain(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
