package api

import (
	"fmt"
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"headway/internal/apperr"
	"headway/internal/auth/command"
	"headway/internal/auth/keyring"
	"headway/internal/auth/query"
)

// Options say where the service is reached.
type Options struct {
	// Secure says that browsers reach the service by https: the cookie is then
	// sent by https only and named so that no http page can set it.
	Secure bool
	// Origins are the sites that may sign in beside the service's own, such as
	// "https://headway.example.com" where a proxy changes the Host header.
	Origins []string
	// Address answers a request's client address; nil is the connection's peer.
	Address func(*http.Request) string
}

// New makes the API. An origin that is none is an error.
func New(commands *command.Service, queries *query.Service, keys *keyring.Ring, o Options) (*API, error) {
	a := &API{
		commands: commands, queries: queries, keys: keys,
		cookies: cookies{secure: o.Secure}, origins: http.NewCrossOriginProtection(), address: o.Address,
	}
	for _, origin := range o.Origins {
		if err := a.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("auth: origin %q: %w", origin, err)
		}
	}
	if a.address == nil {
		a.address = remoteHost
	}
	return a, nil
}

// remoteHost is the address at the other end of the connection.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// exchange is embedded in inputs of operations that set or read the cookie.
type exchange struct {
	r *http.Request
	w http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (e *exchange) Resolve(ctx huma.Context) []error {
	e.r, e.w = humago.Unwrap(ctx)
	return nil
}

// sameSite refuses what another site has a browser send. SameSite=Strict keeps
// the cookie from most of that; this also keeps another site from signing its
// visitors in (login CSRF), and a sibling subdomain, which is the same site to
// a cookie, from using it.
func (a *API) sameSite(e exchange) error {
	if err := a.origins.Check(e.r); err != nil {
		return &apperr.Error{Code: apperr.Forbidden, Message: "This request came from another website and was refused.", Cause: err}
	}
	return nil
}

func (a *API) client(e exchange) command.Client {
	return command.Client{Address: a.address(e.r), Agent: e.r.UserAgent()}
}
