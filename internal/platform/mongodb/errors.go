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

// unreachable says in one sentence why the first command failed.
func unreachable(err error, opts *options.ClientOptions) error {
	hosts := strings.Join(opts.Hosts, ",")
	var user string
	if opts.Auth != nil {
		user = opts.Auth.Username
	}
	var command mongo.CommandError
	denied := errors.As(err, &command) && command.HasErrorCode(codeUnauthorized)
	text := err.Error()
	switch {
	case errors.As(err, &command) && command.HasErrorCode(codeAuthenticationFailed),
		strings.Contains(text, "auth error"), strings.Contains(text, "AuthenticationFailed"):
		return fmt.Errorf("mongodb: %s refuses the user %q; check name, password and authSource in the URL: %w", hosts, user, err)
	case denied && user == "":
		return fmt.Errorf("mongodb: %s asks for a user and a password in the URL: %w", hosts, err)
	case denied:
		return fmt.Errorf("mongodb: the user %q may not use the database; it needs the role readWrite on it: %w", user, err)
	case strings.Contains(text, "x509") || strings.Contains(text, "tls:"):
		return fmt.Errorf("mongodb: no safe connection to %s; check tls and tlsCAFile in the URL: %w", hosts, err)
	case mongo.IsTimeout(err) || mongo.IsNetworkError(err) || strings.Contains(text, "server selection"):
		return fmt.Errorf("mongodb: no primary answers at %s; check the address in the URL, and that the server runs: %w", hosts, err)
	}
	return fmt.Errorf("mongodb: open %s: %w", hosts, err)
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
