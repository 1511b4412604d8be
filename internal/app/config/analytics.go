package config

import (
	"net/url"
	"strings"
	"time"
)

// Analytics is where measured values are kept, and how long.
type Analytics struct {
	// URL is that of a PostgreSQL database, or "" for the data folder.
	URL string
	// KeepPoints is how long single points are kept, 0 for ever.
	KeepPoints time.Duration
}

// Validate answers what is wrong.
func (c Analytics) Validate() []error {
	var errs []error
	if c.URL != "" {
		// The URL carries a password: no part of it is said again.
		u, err := url.Parse(c.URL)
		if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" || strings.Trim(u.Path, "/") == "" {
			errs = append(errs, wrong("analytics.url", "must be postgres://user:password@host/database, or empty for the data folder"))
		}
	}
	if c.KeepPoints != 0 && c.KeepPoints < 24*time.Hour {
		errs = append(errs, wrong("analytics.keep_points", "must be at least 24h, or 0 for ever, is %s", c.KeepPoints))
	}
	return errs
}
