package app

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/danielgtaylor/huma/v2"

	"headway/internal/app/config"
	"headway/internal/auth"
	authapi "headway/internal/auth/api"
	"headway/internal/auth/command"
	"headway/internal/platform/authn"
	"headway/internal/platform/server"
)

// startAuth starts the auth service.
func startAuth(ctx context.Context, w *wiring) (_ *module, err error) {
	cfg, p := w.cfg, w.platform
	peers := server.NewPeers(cfg.HTTP.Proxies())
	limits := command.DefaultLimits.PerAddress(cfg.Auth.PerAddress)
	w.auth, err = auth.New(ctx, auth.Options{
		Store: p.accounts, Clock: p.clock, Limiter: p.rates(), Limits: &limits, Log: w.log, Closed: cfg.Auth.Registration == "closed",
		HTTP: authapi.Options{
			Secure: cfg.HTTP.Secure(), Origins: trusted(cfg.HTTP),
			Address: func(r *http.Request) string { return peers.Addr(r).String() },
		},
	})
	if err != nil {
		return nil, err
	}
	w.verifier = w.auth.Verifier()
	return &module{
		routes: func(api huma.API, mux *http.ServeMux) {
			w.auth.Routes(api)
			mux.Handle("GET "+authapi.KeysPath, w.auth.KeySet())
		},
		paths:    []string{authapi.KeysPath},
		internal: w.auth.Internal,
		run: []func(context.Context){func(ctx context.Context) {
			if err := w.auth.Run(ctx); err != nil {
				w.log.Error("the auth service's housekeeping ended", "cause", err)
			}
		}},
	}, nil
}

// remoteKeys is how a process without the auth service checks access tokens:
// by the key set that the auth service serves.
func remoteKeys(w *wiring) *module {
	keys := authn.NewRemote(w.cfg.Auth.URL+authapi.KeysPath, nil, w.platform.clock)
	if err := keys.Keep(filepath.Join(w.cfg.Data, "auth-keys.json")); err != nil {
		w.log.Warn("the auth service's keys of the last run are not used; until it is there, nobody is known", "cause", err)
	}
	w.keysAway = func() bool { return keys.Ping(context.Background()) != nil }
	w.verifier = authn.NewRemembering(authn.NewJWT(keys, w.platform.clock), w.platform.clock, 0)
	return &module{
		run:    []func(context.Context){keys.Run},
		health: []healthPart{{name: config.TargetAuth, optional: true, check: keys.Ping}},
	}
}

// trusted are the origins that may use the refresh cookie.
func trusted(cfg config.HTTP) []string {
	var out []string
	if cfg.PublicURL != "" {
		out = append(out, cfg.PublicURL)
	}
	for _, o := range cfg.Origins {
		if o != "*" {
			out = append(out, o)
		}
	}
	return out
}
