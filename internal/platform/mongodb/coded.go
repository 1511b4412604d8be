package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"headway/internal/apperr"
)

// Codes that a server answers while it is about to stop, starts, or is no
// longer the primary: the next try may go to another one.
var passing = []int{
	6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
}

const codeOutOfDiskSpace = 14031

// Coded gives an error of a database that is away, overrun or full its code
// and its sentence; the error itself stays as the cause. Others are answered
// as they are, and nil as nil.
func Coded(err error) error {
	var coded *apperr.Error
	switch {
	case err == nil, errors.As(err, &coded), errors.Is(err, context.Canceled):
		return err
	case Full(err):
		return unavailable(err, "The disk of the database is full: nothing can be changed until there is room. Reading goes on, and what was saved is safe.")
	case exhausted(err):
		return unavailable(fmt.Errorf("maxPoolSize in store.url is how many there are: %w", err),
			"All connections to the database are in use. Try again in a moment.")
	case away(err):
		return unavailable(err, "The database does not answer. Try again in a while.")
	}
	return err
}

func unavailable(cause error, sentence string) error {
	return &apperr.Error{Code: apperr.Unavailable, Message: sentence, Cause: cause}
}

func away(err error) bool {
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) {
		return true
	}
	var selection topology.ServerSelectionError
	var server mongo.ServerError
	return errors.As(err, &selection) ||
		errors.As(err, &server) && slices.ContainsFunc(passing, server.HasErrorCode)
}

// Full reports whether an error says that the database has no room on its
// disk. A server that keeps its data in another database tells of that in words alone.
func Full(err error) bool {
	var server mongo.ServerError
	if !errors.As(err, &server) {
		return false
	}
	text := server.Error()
	return server.HasErrorCode(codeOutOfDiskSpace) || strings.Contains(text, "No space left on device") ||
		strings.Contains(text, "database or disk is full") || strings.Contains(text, "SQLSTATE 53100")
}

// exhausted reports whether a command waited for a connection in vain while
// all that the pool may have were in use. A pool that cannot connect is not.
func exhausted(err error) bool {
	var wait topology.WaitQueueTimeoutError
	if !errors.As(err, &wait) {
		return false
	}
	_, figures, _ := strings.Cut(wait.Error(), "; ")
	var total, most uint64
	n, _ := fmt.Sscanf(figures, "total connections: %d, maxPoolSize: %d", &total, &most) // n says what was read
	return n == 2 && most > 0 && total >= most
}
