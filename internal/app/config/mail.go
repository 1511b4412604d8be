package config

import (
	"strings"

	"headway/internal/platform/mail"
	mailsmtp "headway/internal/platform/mail/smtp"
)

// MailLog is the address of no server: what would be sent is logged.
const MailLog = "log:"

// Mail is how mails are sent.
type Mail struct {
	URL, From string
}

// Validate answers what is wrong. What is wrong is told without the address,
// which may hold a password.
func (c Mail) Validate() []error {
	var errs []error
	switch {
	case c.URL == MailLog:
	case strings.HasPrefix(c.URL, "smtp:") || strings.HasPrefix(c.URL, "smtps:"):
		if _, err := mailsmtp.Parse(c.URL); err != nil {
			errs = append(errs, wrong("mail.url", "%s", err))
		}
	default:
		name, _, _ := strings.Cut(c.URL, ":")
		errs = append(errs, wrong("mail.url", "must be log: or the address of a mail server such as smtps://user:password@mail.example.org, %q is neither", name+":"))
	}
	if _, err := mail.ParseFrom(c.From); err != nil {
		errs = append(errs, wrong("mail.from", "%s, is %q", err, c.From))
	}
	return errs
}

// links answers what is wrong where mails are sent whose links lead nowhere.
func (c Config) links() []error {
	if c.Mail.URL != MailLog && c.HTTP.PublicURL == "" {
		return []error{wrong("http.public_url", "must be set where mail.url is: the links in mails lead there")}
	}
	return nil
}
