package app

import (
	"strings"

	"headway/internal/app/config"
	"headway/internal/platform/mongodb"
	"headway/internal/platform/redisdb"
)

// describe prints what the clients of the database and of Redis will do, with
// everything that the addresses leave open filled in.
func (p *Program) describe(cfg config.Config) error {
	if cfg.Store.Shared() {
		lines, err := mongodb.Describe(cfg.Store.URL)
		if err != nil {
			return err
		}
		p.section("store.url", lines)
	}
	parts := map[string][]string{}
	var addresses []string // in the order of the parts
	for _, part := range []struct{ name, address string }{
		{"cache", cfg.Shared(cfg.Cache.URL)}, {"bus", cfg.Shared(cfg.Bus.URL)}, {"rate", cfg.Shared(cfg.Rate.URL)}, {"sessions", cfg.Shared(cfg.Sessions.URL)},
	} {
		if !strings.HasPrefix(part.address, "redis") {
			continue
		}
		if parts[part.address] == nil {
			addresses = append(addresses, part.address)
		}
		parts[part.address] = append(parts[part.address], part.name)
	}
	for _, address := range addresses {
		target, err := redisdb.Parse(address)
		if err != nil {
			return err
		}
		p.section("Redis for "+strings.Join(parts[address], ", "), target.Describe())
	}
	return nil
}

func (p *Program) section(name string, lines []string) {
	p.say(p.Stdout, "%s", name)
	for _, line := range lines {
		p.say(p.Stdout, "  %s", line)
	}
}
