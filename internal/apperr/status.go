package apperr

import "net/http"

// Codes that only the HTTP edge answers.
const (
	Malformed        Code = "malformed"              // the body is not JSON, or not UTF-8
	MethodNotAllowed Code = "method_not_allowed"     // the address knows other methods; see the Allow header
	UnsupportedMedia Code = "unsupported_media_type" // the body's Content-Type is not taken here
	NotAcceptable    Code = "not_acceptable"         // nothing that the Accept header allows can be sent
	Timeout          Code = "timeout"                // the request took longer than it may
)

// Meaning is what a code is at the HTTP edge.
type Meaning struct {
	// Status is the HTTP status.
	Status int
	// Title is the problem document's title: the same for every occurrence (RFC 9457, section 3.1.4).
	Title string
}

// meanings is the one table from codes to HTTP.
var meanings = map[Code]Meaning{
	Invalid:            {http.StatusUnprocessableEntity, "The input is not valid"},
	Malformed:          {http.StatusBadRequest, "The request cannot be read"},
	Unauthenticated:    {http.StatusUnauthorized, "Sign in first"},
	Forbidden:          {http.StatusForbidden, "Not allowed"},
	NotFound:           {http.StatusNotFound, "Not found"},
	MethodNotAllowed:   {http.StatusMethodNotAllowed, "Method not allowed"},
	NotAcceptable:      {http.StatusNotAcceptable, "No such form of answer"},
	Timeout:            {http.StatusServiceUnavailable, "The request took too long"},
	Conflict:           {http.StatusConflict, "Conflict"},
	PreconditionFailed: {http.StatusPreconditionFailed, "It has changed since"},
	TooLarge:           {http.StatusRequestEntityTooLarge, "Too large"},
	UnsupportedMedia:   {http.StatusUnsupportedMediaType, "Content type not supported"},
	RateLimited:        {http.StatusTooManyRequests, "Too many requests"},
	Unavailable:        {http.StatusServiceUnavailable, "Not available at the moment"},
	Internal:           {http.StatusInternalServerError, "Something went wrong on our side"},
}

// MeaningOf answers what the code is at the HTTP edge. A code without a row is an internal error.
func MeaningOf(code Code) Meaning {
	if m, ok := meanings[code]; ok {
		return m
	}
	return meanings[Internal]
}

// CodeOfStatus answers the code for an HTTP status that a library chose.
func CodeOfStatus(status int) Code {
	switch status {
	case http.StatusBadRequest:
		return Malformed
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return Timeout
	case http.StatusServiceUnavailable:
		return Unavailable
	}
	for code, m := range meanings {
		if m.Status == status {
			return code
		}
	}
	if status >= 400 && status < 500 {
		return Invalid
	}
	return Internal
}
