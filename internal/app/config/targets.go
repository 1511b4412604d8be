package config

import (
	"log/slog"
	"slices"
	"strings"
)

// All is the target of a process that runs every service.
const All = "all"

// The services that a process can run.
const (
	TargetAuth         = "auth"
	TargetTask         = "task"
	TargetNotification = "notification"
	TargetAnalytics    = "analytics"
	TargetWeb          = "web"
)

// Names are the services in the order in which a process starts them. One more
// has its name here and its row in the table of package app.
var Names = []string{TargetAuth, TargetTask, TargetNotification, TargetAnalytics, TargetWeb}

// Targets are the services that a process runs, or All.
type Targets []string

// Validate answers what is wrong.
func (t Targets) Validate() []error {
	if len(t) == 0 {
		return []error{wrong("target", "must be all, or a list of %s", strings.Join(Names, ", "))}
	}
	if slices.Contains(t, All) && len(t) > 1 {
		return []error{wrong("target", "must be either all or a list without it")}
	}
	var errs []error
	for _, name := range t {
		if name != All && !slices.Contains(Names, name) {
			errs = append(errs, wrong("target", "must be all, or a list of %s, %q is none of them", strings.Join(Names, ", "), name))
		}
	}
	return errs
}

// Has reports whether the process runs the service.
func (t Targets) Has(name string) bool { return slices.Contains(t, All) || slices.Contains(t, name) }

// List answers the services by name, each once, in the order of Names.
func (t Targets) List() []string {
	var out []string
	for _, name := range Names {
		if t.Has(name) {
			out = append(out, name)
		}
	}
	return out
}

// Part reports whether other processes run what this one does not.
func (t Targets) Part() bool { return len(t.List()) < len(Names) }

// Stateful reports whether the process runs a service that keeps something; the web app does not.
func (t Targets) Stateful() bool {
	return slices.ContainsFunc(t.List(), func(name string) bool { return name != TargetWeb })
}

// String is the list as it is written.
func (t Targets) String() string { return strings.Join(t, ",") }

// Service is what processes with a part of the services each have in common.
type Service struct {
	// Secret is what they know each other by: the first is used, all are accepted.
	Secret Secrets
}

// secretLength is the least length of a secret, in bytes.
const secretLength = 32

// maxSecrets is two in use while one replaces the other, and room for a mistake.
const maxSecrets = 4

// Validate answers what is wrong, without the secrets.
func (c Service) Validate() []error {
	for _, s := range c.Secret {
		if len(s) < secretLength {
			return []error{wrong("service.secret", "must have at least %d characters, each where there are several; `openssl rand -hex 32` makes one", secretLength)}
		}
	}
	if len(c.Secret) > maxSecrets {
		return []error{wrong("service.secret", "must be at most %d secrets", maxSecrets)}
	}
	return nil
}

// Secrets are texts that are never shown.
type Secrets []string

// String keeps secrets out of logs.
func (s Secrets) String() string {
	if len(s) == 0 {
		return ""
	}
	return "[secret]"
}

// GoString keeps secrets out of logs.
func (s Secrets) GoString() string { return s.String() }

// LogValue keeps secrets out of logs.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(s.String()) }

// apart answers what a process with a part of the services lacks.
func (c Config) apart() []error {
	if len(c.Target.Validate()) > 0 || !c.Target.Part() || !c.Target.Stateful() {
		return nil
	}
	var errs []error
	if !c.Store.Shared() {
		errs = append(errs, wrong("store.url", "must be a mongodb:// address where target is %s: the processes of the other services cannot use sqlite: with this one", c.Target))
	}
	if next := (Store{URL: c.Store.Next}); c.Store.Next != "" && !next.Shared() {
		errs = append(errs, wrong("store.next", "must be a mongodb:// address where target is %s, as store.url must", c.Target))
	}
	if c.Shared(c.Bus.URL) == "" {
		errs = append(errs, wrong("bus.url", "must be the address of a Redis or of SQS where target is %s, or redis.url be set: a bus within the process wakes no other", c.Target))
	}
	if len(c.Service.Secret) == 0 {
		errs = append(errs, wrong("service.secret", "must be set where target is %s, to the same in all processes; `openssl rand -hex 32` makes one", c.Target))
	}
	if c.Target.Has(TargetAnalytics) && c.Analytics.URL == "" {
		errs = append(errs, wrong("analytics.url", "must be the postgres:// address of a database where target is %s: what is in the data folder is this process's own", c.Target))
	}
	if !c.Target.Has(TargetAuth) && c.Auth.URL == "" {
		errs = append(errs, wrong("auth.url", "must be set where target is %s, such as http://auth.internal:8080: access tokens are checked with the auth service's keys", c.Target))
	}
	return errs
}
