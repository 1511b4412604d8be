// Package apperr holds Headway's coded errors. Every service answers failures
// as an *Error, wrapped with %w where context helps; the API edge translates
// them once into RFC 9457 problem documents by the table in status.go.
package apperr

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code names a kind of failure. It is part of the public API: clients switch on it.
type Code string

// The codes. Their HTTP statuses are in status.go.
const (
	Invalid            Code = "invalid"             // input is wrong; Fields says where and what would be right
	Unauthenticated    Code = "unauthenticated"     // no valid credentials
	Forbidden          Code = "forbidden"           // known caller, visible thing, not allowed
	NotFound           Code = "not_found"           // absent, or not visible to the caller
	Conflict           Code = "conflict"            // a concurrent change won, or the id is taken
	PreconditionFailed Code = "precondition_failed" // If-Match names an older version
	TooLarge           Code = "too_large"           // body over its limit
	RateLimited        Code = "rate_limited"        // too many requests; RetryAfter says when to come back
	Unavailable        Code = "unavailable"         // a dependency is away or the server is draining
	Internal           Code = "internal"            // a fault of ours; the cause is logged, never answered
)

// Field points at one wrong value in the input.
type Field struct {
	// Path is the place in the input, such as "body.title" or "query.limit".
	Path string `json:"path"`
	// Message says what is wrong and what would be right, in one sentence.
	Message string `json:"message"`
}

// Error is a coded failure that a caller can act on.
type Error struct {
	Code Code
	// Message is one sentence for a person. It never holds secrets or internals.
	Message string
	// Fields is set for Invalid.
	Fields []Field
	// RetryAfter is set for RateLimited and Unavailable where known.
	RetryAfter time.Duration
	// Cause is for logs only.
	Cause error
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	b.WriteString(": ")
	b.WriteString(e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s: %s]", f.Path, f.Message)
	}
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error with a sentence for a person.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField makes an Invalid error about one field.
func InvalidField(path, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	return &Error{Code: Invalid, Message: path + ": " + msg, Fields: []Field{{Path: path, Message: msg}}}
}

// Wrap makes an Internal error that keeps its cause for the log.
func Wrap(cause error, format string, args ...any) *Error {
	return &Error{Code: Internal, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// CodeOf answers the code of err, or Internal for an error without one.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Is reports whether err carries the code.
func Is(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
