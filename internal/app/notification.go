package app

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"headway/internal/app/config"
	"headway/internal/notification"
	notificationstore "headway/internal/notification/store"
	noticemongo "headway/internal/notification/store/mongo"
	noticesqlite "headway/internal/notification/store/sqlite"
	"headway/internal/platform/consumer"
	consumermongo "headway/internal/platform/consumer/mongo"
	consumersqlite "headway/internal/platform/consumer/sqlite"
	"headway/internal/platform/mail"
	maillog "headway/internal/platform/mail/log"
	mailsmtp "headway/internal/platform/mail/smtp"
)

// notices is what the notification service is kept in.
type notices struct {
	store       notificationstore.Store
	checkpoints consumer.Checkpoints
}

// openNotices picks them, beside the event log.
func (p *platform) openNotices() {
	if p.mongo != nil {
		p.notices = notices{gatedNotices{noticemongo.New(p.mongo), p.gate}, consumermongo.New(p.mongo)}
		return
	}
	p.notices = notices{noticesqlite.New(p.db), consumersqlite.New(p.db)}
}

// startNotification starts the notification service.
func startNotification(ctx context.Context, w *wiring) (*module, error) {
	cfg, p := w.cfg, w.platform
	from, err := mail.ParseFrom(cfg.Mail.From)
	if err != nil {
		return nil, err
	}
	people, err := w.contacts(config.TargetNotification)
	if err != nil {
		return nil, err
	}
	var sender mail.Sender = maillog.Sender{Log: w.log}
	if cfg.Mail.URL != config.MailLog {
		if sender, err = mailsmtp.New(mailsmtp.Options{URL: cfg.Mail.URL, From: from}); err != nil {
			return nil, err
		}
	}
	w.notes, err = notification.New(ctx, notification.Options{
		Sources: p.noticeSources(w.log), Mail: sender, Domain: mail.Domain(from.Address), Contacts: people, PublicURL: cfg.HTTP.PublicURL,
	})
	if err != nil {
		return nil, err
	}
	return &module{
		routes: w.notes.Register,
		paths:  []string{notification.UnsubscribePath},
		run: []func(context.Context){func(ctx context.Context) {
			if err := w.notes.Run(ctx); err != nil {
				w.log.Error("the notification service ended", "cause", err)
			}
		}},
	}, nil
}

// noticeSources are what the service's consumer stands on.
func (p *platform) noticeSources(log *slog.Logger) notification.Sources {
	return notification.Sources{
		Store: p.notices.store, Checkpoints: p.notices.checkpoints, Events: p.events, Bus: p.bus, Clock: p.clock, Log: log,
	}
}

// registerNotification offers the figures of the notification service.
func registerNotification(r *prometheus.Registry, m *notification.Module) {
	counter := func(name, help string, value func(notification.Stats) uint64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(m.Stats())) }))
	}
	gauge := func(name, help string, value func(notification.Stats) float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(m.Stats()) }))
	}
	type stats = notification.Stats
	gauge("headway_notification_outbox_pending", "Mails that wait, of all processes.", func(s stats) float64 { return float64(s.Queue.Pending) })
	gauge("headway_notification_outbox_failed", "Mails that were given up and are kept to be looked at, of all processes.", func(s stats) float64 { return float64(s.Queue.Failed) })
	gauge("headway_notification_outbox_oldest_seconds", "How long the oldest mail waits.", func(s stats) float64 { return s.OldestUnsent.Seconds() })
	counter("headway_notification_mails_sent_total", "Mails sent by this process since the start.", func(s stats) uint64 { return s.Delivery.Sent })
	counter("headway_notification_mails_failed_total", "Mails that it has given up.", func(s stats) uint64 { return s.Delivery.Failed })
	counter("headway_notification_mails_retried_total", "Tries that failed and are made again.", func(s stats) uint64 { return s.Delivery.Retried })
	counter("headway_notification_mails_skipped_total", "Mails that nobody wanted any more when they were due.", func(s stats) uint64 { return s.Delivery.Skipped })
	registerConsumer(r, m.Runner())
}
