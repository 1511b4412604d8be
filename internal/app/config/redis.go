package config

import (
	"strings"

	"headway/internal/platform/redisdb"
)

// Values of the settings that choose where something shared is kept, beside
// the address of a Redis.
const (
	// Auto is Redis where redis.url names one, else within the process.
	Auto = "auto"
	// Memory is within the process.
	Memory = "memory:"
)

// Redis is what the processes share unless a part says otherwise.
type Redis struct {
	// URL is its address (package redisdb), "" for none.
	URL string
}

// Validate answers what is wrong.
func (c Redis) Validate() []error {
	if c.URL == "" {
		return nil
	}
	if _, err := redisdb.Parse(c.URL); err != nil {
		return []error{wrong("redis.url", "%s", err)}
	}
	return nil
}

// Sessions is where it is known which sessions are over, beside the store.
type Sessions struct{ URL string }

// Validate answers what is wrong.
func (c Sessions) Validate() []error { return shared("sessions.url", c.URL) }

// Shared answers the address of the Redis that a part's setting chooses, ""
// for within the process.
func (c Config) Shared(setting string) string {
	switch setting {
	case Auto:
		return c.Redis.URL
	case Memory:
		return ""
	}
	return setting
}

// shared checks the setting of a part that can be shared. What is wrong is
// told without the value, which may hold a password.
func shared(setting, value string) []error {
	switch {
	case value == Auto || value == Memory:
		return nil
	case !strings.HasPrefix(value, "redis"):
		name, _, _ := strings.Cut(value, ":")
		return []error{wrong(setting, "must be auto, memory: or the address of a Redis such as redis://redis.internal:6379, %q is none of them", name)}
	}
	if _, err := redisdb.Parse(value); err != nil {
		return []error{wrong(setting, "%s", err)}
	}
	return nil
}
