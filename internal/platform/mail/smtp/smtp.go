// Package smtp sends mail by a server of SMTP (RFC 5321).
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"headway/internal/platform/mail"
)

// Target is a server and how it is talked to.
type Target struct {
	Host string
	Port int
	// Implicit is TLS from the first byte (smtps:).
	Implicit       bool
	Policy         gomail.TLSPolicy
	User, password string
}

// The ports where an address names none.
const (
	submission  = 587
	submissions = 465
)

// Parse reads an address: smtp://user:password@host:587 or smtps://….
// With smtp: the connection is encrypted by STARTTLS where the server offers
// it, always where there is a password; ?tls=always asks for it in any case,
// ?tls=never is for servers on the same machine. Errors do not hold the
// password.
func Parse(address string) (Target, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return Target{}, errors.New("must be an address such as smtp://user:password@mail.example.org:587 or smtps://mail.example.org")
	}
	t := Target{Host: u.Hostname(), User: u.User.Username(), Policy: gomail.TLSOpportunistic}
	t.password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		t.Port = submission
	case "smtps":
		t.Port, t.Implicit = submissions, true
	default:
		return Target{}, fmt.Errorf("must begin with smtp:// or smtps://, begins with %q", u.Scheme+"://")
	}
	if p := u.Port(); p != "" {
		if t.Port, err = strconv.Atoi(p); err != nil || t.Port < 1 || t.Port > 65535 {
			return Target{}, errors.New("has a port that is none")
		}
	}
	if (t.User == "") != (t.password == "") {
		return Target{}, errors.New("must have both a user and a password, or neither")
	}
	query := u.Query()
	mode := query.Get("tls")
	query.Del("tls")
	switch {
	case len(query) > 0:
		return Target{}, errors.New("knows no parameter but tls")
	case mode == "always" || mode == "" && t.User != "":
		t.Policy = gomail.TLSMandatory
	case mode == "never" && (t.Implicit || t.User != ""):
		return Target{}, errors.New("cannot have tls=never with smtps: or a password")
	case mode == "never":
		t.Policy = gomail.NoTLS
	case mode != "" && mode != "auto":
		return Target{}, errors.New("has a tls that is not auto, always or never")
	}
	return t, nil
}

// Options are what a Sender needs.
type Options struct {
	// URL is the server's address, see Parse.
	URL string
	// From is what mails come from.
	From *netmail.Address
	// Roots are the authorities that the server's certificate is checked
	// against; nil is the system's.
	Roots *x509.CertPool
	// Timeout bounds the sending of one mail; 0 is 20 s.
	Timeout time.Duration
}

// Sender implements mail.Sender. It makes a connection for each mail.
type Sender struct {
	o Options
	t Target
}

var _ mail.Sender = (*Sender)(nil)

// New makes a Sender. It does not ask the server.
func New(o Options) (*Sender, error) {
	t, err := Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("smtp: the URL %w", err)
	}
	if o.From == nil {
		return nil, errors.New("smtp: From is required")
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	return &Sender{o, t}, nil
}

// Send implements mail.Sender.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	msg, err := s.message(m)
	if err != nil {
		return fmt.Errorf("%w: %w", mail.ErrRefused, err)
	}
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("smtp: %s cannot be reached: %w", s.addr(), err)
	}
	err = client.Send(msg)
	// How the connection ends says nothing about the mail.
	_ = client.Close()
	if msg.IsDelivered() {
		return nil
	}
	var refused *gomail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() >= 500 && refused.ErrorCode() < 600 && aboutMail(refused.Reason) {
		return fmt.Errorf("%w: %s says: %w", mail.ErrRefused, s.addr(), err)
	}
	if err == nil {
		err = errors.New("the server did not take it")
	}
	return fmt.Errorf("smtp: %s: %w", s.addr(), err)
}

func (s *Sender) addr() string { return net.JoinHostPort(s.t.Host, strconv.Itoa(s.t.Port)) }

// aboutMail reports whether an error is the mail's or its recipient's, not the
// installation's, whose mails wait until it is mended.
func aboutMail(r gomail.SendErrReason) bool {
	return r == gomail.ErrSMTPRcptTo || r == gomail.ErrSMTPData || r == gomail.ErrSMTPDataClose || r == gomail.ErrGetRcpts
}

func (s *Sender) client() (*gomail.Client, error) {
	opts := []gomail.Option{
		gomail.WithPort(s.t.Port), gomail.WithTimeout(s.o.Timeout), gomail.WithTLSPolicy(s.t.Policy), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.t.Host, RootCAs: s.o.Roots, MinVersion: tls.VersionTLS12}),
	}
	if s.t.Implicit {
		opts = append(opts, gomail.WithSSL())
	}
	if s.t.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.t.User), gomail.WithPassword(s.t.password))
	}
	return gomail.NewClient(s.t.Host, opts...)
}

func (s *Sender) message(m mail.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.o.From.Name, s.o.From.Address); err != nil {
		return nil, err
	}
	if err := msg.AddToFormat(m.Name, m.To); err != nil {
		return nil, err
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDate()
	// Programs that answer mails, such as absence notes, leave these alone (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}
