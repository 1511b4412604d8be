package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"headway/internal/app/config"
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
		return nil
	}
	log := newLog(cfg.Log, p.Stderr)
	if _, set := p.LookupEnv("GOGC"); !set {
		tuned, stop := context.WithCancel(ctx)
		defer stop()
		go tuneGarbage(tuned)
	}
	// The port is taken first, so that a second start fails before it touches the data.
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.HTTP.Listen)
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
	p.say(p.Stdout, "Headway %s is at %s (data in %s)", p.Version, url, cfg.Data)
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
func Document(ctx context.Context) (_ []byte, err error) {
	folder, err := os.MkdirTemp("", "headway-openapi-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	fs := (&Program{}).flags("openapi")
	loader := config.NewLoader(fs)
	if err := fs.Parse([]string{"--data", folder}); err != nil {
		return nil, err
	}
	cfg, err := loader.Load(func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	a, err := Open(ctx, cfg, "", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	document, err := a.services.api.OpenAPI().YAML()
	return document, errors.Join(err, a.Close())
}
