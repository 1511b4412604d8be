package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"

	"headway/internal/app/config"
	"headway/internal/app/front"
)

// frontCommand is `headway front`: the configuration of what stands in front
// of the services.
func frontCommand(ctx context.Context, p *Program, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "nginx":
			return frontNginx(ctx, p, args[1:])
		case "alb":
			return frontALB(ctx, p, args[1:])
		}
	}
	p.say(p.Stderr, "headway: front takes nginx or alb. See headway front nginx --help.")
	return errUsage
}

// frontNginx is `headway front nginx`.
func frontNginx(ctx context.Context, p *Program, args []string) error {
	fs := p.flags("front nginx")
	n := front.Nginx{Upstreams: map[string][]string{}}
	fs.StringVar(&n.Listen, "front-listen", "8080", "The port, or `HOST:PORT`, that clients come to")
	fs.StringVar(&n.Certificate, "certificate", "", "A `file` with the certificate and its chain (PEM); with it clients come by TLS")
	fs.StringVar(&n.Key, "key", "", "The `file` with the certificate's key")
	upstreams := fs.StringArray("upstream", nil, "The processes of a service, as `SERVICE=HOST:PORT,…`; once for each service. By default each is at its own name, port 8080")
	fs.StringSliceVar(&n.Trusted, "trusted", nil, "Addresses or `networks` of proxies before nginx whose X-Forwarded-For is believed")
	fs.StringVar(&n.Assets, "assets", "", "A `folder` with the built web app, from which nginx serves what never changes; without it the web service does")
	fs.StringVar(&n.Brotli, "brotli", "", "The `file` of nginx's module brotli_static, for --assets")
	fs.StringVar(&n.Folder, "folder", "", "The `folder` for nginx's pid, logs and temporary files; by default where nginx was built to")
	fs.IntVar(&n.Connections, "connections", 256, "How many requests of one client are open at once, streams included; 0 is without bound")
	fs.IntVar(&n.Requests, "requests", 100, "How many requests a second one client may send, ten seconds' worth at once; 0 is without bound")
	cfg, err := p.settings(fs, args, 0, "no arguments")
	if err != nil {
		return err
	}
	n.MaxBody, n.MaxUpload, n.Timeout = cfg.HTTP.MaxBody, cfg.Task.ImportMaxBytes, cfg.HTTP.Timeout
	routes, err := Routes(ctx)
	if err != nil {
		return err
	}
	named := map[string]bool{front.Web: true}
	for _, r := range routes {
		named[r.Service] = true
	}
	for name := range named {
		n.Upstreams[name] = []string{name + ":8080"}
	}
	for _, u := range *upstreams {
		name, addresses, ok := strings.Cut(u, "=")
		if !ok || !named[name] {
			p.say(p.Stderr, "headway: --upstream takes SERVICE=HOST:PORT,… for a service that has routes, is %q.", u)
			return errUsage
		}
		n.Upstreams[name] = strings.Split(addresses, ",")
	}
	return n.Write(p.Stdout, routes)
}

// frontALB is `headway front alb`.
func frontALB(ctx context.Context, p *Program, args []string) error {
	if err := p.parse(p.flags("front alb"), args, 0, "no arguments"); err != nil {
		return err
	}
	routes, err := Routes(ctx)
	if err != nil {
		return err
	}
	listener, err := front.ALB(routes)
	if err != nil {
		return err
	}
	return listener.Write(p.Stdout)
}

// Routes answers every route of every service, as the services put them there.
func Routes(ctx context.Context) (routes []front.Route, err error) {
	err = described(ctx, func(a *App) error {
		var err error
		routes, err = a.services.routes.Routes()
		return err
	})
	return routes, err
}

// described opens the whole program over stores in a folder that is gone
// afterwards, for what describes it.
func described(ctx context.Context, look func(*App) error) (err error) {
	folder, err := os.MkdirTemp("", "headway-describe-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	fs := (&Program{}).flags("describe")
	loader := config.NewLoader(fs)
	if err := fs.Parse([]string{"--data", folder}); err != nil {
		return err
	}
	cfg, err := loader.Load(func(string) (string, bool) { return "", false })
	if err != nil {
		return err
	}
	a, err := Open(ctx, cfg, "", slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(look(a), a.Close())
}
