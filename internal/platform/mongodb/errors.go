package mongodb

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Codes of the protocol.
const (
	codeUnauthorized         = 13
	codeAuthenticationFailed = 18
)

// badURL keeps the password that a fault of the URL may quote out of it.
func badURL(err error) error {
	if parse := new(url.Error); errors.As(err, &parse) {
		err = parse.Err
	}
	return fmt.Errorf("mongodb: the URL is not valid: %w", err)
}

// oneLine is an error of which what is said has no line breaks.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

// Unwrap gives the error to errors.Is and errors.As.
func (e oneLine) Unwrap() error { return e.error }

// unreachable says in one sentence why the first command failed.
func unreachable(err error, opts *options.ClientOptions) error {
	err = oneLine{err}
	hosts := strings.Join(opts.Hosts, ",")
	var user string
	if opts.Auth != nil {
		user = opts.Auth.Username
	}
	var command mongo.CommandError
	text := err.Error()
	switch {
	case errors.As(err, &command) && command.HasErrorCode(codeAuthenticationFailed),
		strings.Contains(text, "auth error"), strings.Contains(text, "AuthenticationFailed"):
		return fmt.Errorf("mongodb: %s refuses the user %q; check name, password and authSource in the URL: %w", hosts, user, err)
	case denied(err) && user == "":
		return fmt.Errorf("mongodb: %s asks for a user and a password in the URL: %w", hosts, err)
	case denied(err):
		return fmt.Errorf("mongodb: the user %q may not use the database; it needs the role readWrite on it: %w", user, err)
	case strings.Contains(text, "x509") || strings.Contains(text, "tls:"):
		return fmt.Errorf("mongodb: no safe connection to %s; check tls and tlsCAFile in the URL: %w", hosts, err)
	case opts.TLSConfig != nil && (strings.Contains(text, "EOF") || strings.Contains(text, "connection reset")):
		return fmt.Errorf("mongodb: no safe connection to %s, which may not speak TLS there; check the address, and tls in the URL: %w", hosts, err)
	case mongo.IsTimeout(err) || mongo.IsNetworkError(err) || strings.Contains(text, "server selection"):
		return fmt.Errorf("mongodb: no primary answers at %s; check the address in the URL, and that the server runs: %w", hosts, err)
	}
	return fmt.Errorf("mongodb: open %s: %w", hosts, err)
}

// denied reports whether an error says that the user lacks a right.
func denied(err error) bool {
	var command mongo.CommandError
	return errors.As(err, &command) && command.HasErrorCode(codeUnauthorized)
}

// Duplicate answers the place of the first write of an ordered batch that
// broke a unique index, and whether that is what err says.
func Duplicate(err error) (place int, ok bool) {
	if !mongo.IsDuplicateKeyError(err) {
		return 0, false
	}
	var bulk mongo.BulkWriteException
	if errors.As(err, &bulk) && len(bulk.WriteErrors) > 0 {
		return bulk.WriteErrors[0].Index, true
	}
	return 0, true
}
