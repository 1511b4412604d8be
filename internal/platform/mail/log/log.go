// Package log writes into the log that there would be a mail: for
// installations that send none.
package log

import (
	"context"
	"log/slog"

	"headway/internal/platform/mail"
)

// Sender implements mail.Sender.
type Sender struct{ Log *slog.Logger }

var _ mail.Sender = Sender{}

// Send implements mail.Sender. The text is left out: its links are the recipient's alone.
func (s Sender) Send(ctx context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "a mail is not sent, since mail.url is log:", "id", m.ID, "subject", m.Subject)
	return ctx.Err()
}
