// Package peer is how the services of an installation call each other over
// HTTP: a Client on one side, a Gate on the other.
//
// Each call carries a token of its own (token.go), made for one caller, one
// service, one method and one path, and good for a minute. The Gate admits
// nothing else. The routes are below Prefix, which a front door never passes on.
//
// A Client gives a call what is left of its caller's time, repeats what may be
// repeated within a budget, stops calling a service that fails (a circuit
// breaker with probes), and bounds how many calls are under way at once.
package peer

import (
	"context"

	"headway/internal/apperr"
)

// Prefix begins the addresses of internal routes.
const Prefix = "/internal/v1"

// TimeoutHeader is how long the caller waits for the answer, in milliseconds.
// It is a length of time, since clocks differ.
const TimeoutHeader = "Headway-Timeout"

// Errors of the Gate.
var (
	errMissing   = apperr.New(apperr.Unauthenticated, "This address is for the services of this installation: it needs a service token.")
	errInvalid   = apperr.New(apperr.Unauthenticated, "The service token is not valid for this call.")
	errForbidden = apperr.New(apperr.Forbidden, "This service may not make this call.")
)

type callerKey struct{}

// Caller answers the service that a request comes from, "" where it came
// through no Gate.
func Caller(ctx context.Context) string {
	name, _ := ctx.Value(callerKey{}).(string)
	return name
}
