package consumer

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"headway/internal/apperr"
)

// fault is an error of which it is known whose it is.
type fault struct {
	error
	event bool // the event's, else that of something that is away
}

func (f *fault) Unwrap() error { return f.error }

// Poison marks an error as the event's fault: it would come each time. The
// event is set aside after Options.Tries.
func Poison(err error) error { return &fault{err, true} }

// Temporary marks an error that passes: the stream waits and tries again.
func Temporary(err error) error { return &fault{err, false} }

// poisonous says whose fault an error is, where the phase that it comes from
// says what it is by default.
func poisonous(err error, byDefault bool) bool {
	var f *fault
	if errors.As(err, &f) {
		return f.event
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false
	}
	var coded *apperr.Error
	if errors.As(err, &coded) {
		switch coded.Code {
		case apperr.Unavailable, apperr.RateLimited, apperr.Timeout:
			return false
		case apperr.Internal:
			return byDefault
		}
		return true
	}
	return byDefault
}

// reasonOf is the text of an error, within MaxReason.
func reasonOf(err error) string {
	text := strings.ToValidUTF8(err.Error(), "?")
	if len(text) <= MaxReason {
		return text
	}
	const more = " …"
	cut := MaxReason - len(more)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + more
}
