package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"headway/internal/app/config"
	"headway/internal/platform/server"
)

// serve is `headway serve`.
func serve(ctx context.Context, p *Program, args []string) error {
	fs := p.flags("serve")
	verify := fs.Bool("verify-config", false, "Check the settings, say what is wrong, and start nothing")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	if *verify {
		p.say(p.Stdout, "The settings are good (%s).", cfg.Environment)
		return p.describe(cfg)
	}
	log := newLog(cfg.Log, p.Stderr)
	if cfg.Target.Part() {
		log = log.With("target", cfg.Target.String())
	}
	if _, set := p.LookupEnv("GOGC"); !set {
		tuned, stop := context.WithCancel(ctx)
		defer stop()
		go tuneGarbage(tuned)
	}
	// The port is taken first, so that a second start fails before it touches the data.
	l, err := server.Listen(ctx, cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("http.listen: %w; stop what uses the port, or choose another with --listen", err)
	}
	a, err := Open(ctx, cfg, p.Version, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	url := cfg.HTTP.PublicURL
	if url == "" {
		url = address(l.Addr())
	}
	what := "data in " + cfg.Data
	if cfg.Target.Part() {
		what = strings.Join(cfg.Target.List(), ", ")
	}
	p.say(p.Stdout, "Headway %s is at %s (%s)", p.Version, url, what)
	log.Info("serving", "address", l.Addr().String(), "environment", cfg.Environment, "version", p.Version)
	err = a.Serve(ctx, l)
	log.Info("stopped")
	return errors.Join(err, a.Close())
}

// health is `headway health`.
func health(ctx context.Context, p *Program, args []string) error {
	fs := p.flags("health")
	url := fs.String("url", "", "The server's `address`; by default the port that --listen names, on this machine")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	if *url == "" {
		host, port, err := net.SplitHostPort(cfg.HTTP.Listen)
		if err != nil {
			return err
		}
		if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
			host = "127.0.0.1"
		}
		*url = "http://" + net.JoinHostPort(host, port)
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, *url+"/health/ready", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s answers %s", *url, resp.Status)
	}
	p.say(p.Stdout, "ready")
	return nil
}

// reference is `headway config reference`.
func reference(_ context.Context, p *Program, args []string) error {
	if len(args) != 1 || args[0] != "reference" {
		p.say(p.Stderr, "headway: config takes one argument, reference.")
		return errUsage
	}
	_, err := fmt.Fprint(p.Stdout, config.Reference())
	return err
}

// version is `headway version`.
func version(_ context.Context, p *Program, _ []string) error {
	p.say(p.Stdout, "%s", p.Version)
	return nil
}

// openapi is `headway openapi`.
func openapi(ctx context.Context, p *Program, args []string) error {
	if err := p.parse(p.flags("openapi"), args, 0, "no arguments"); err != nil {
		return err
	}
	document, err := Document(ctx)
	if err != nil {
		return err
	}
	_, err = p.Stdout.Write(document)
	return err
}

// Document answers the API's OpenAPI document as YAML. It is made from the
// operations themselves, over stores in a folder that is gone afterwards.
func Document(ctx context.Context) (document []byte, err error) {
	err = described(ctx, func(a *App) error {
		var err error
		document, err = a.services.api.OpenAPI().YAML()
		return err
	})
	return document, err
}
