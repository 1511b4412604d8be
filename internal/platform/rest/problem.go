package rest

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"headway/internal/apperr"
)

// ProblemType is the media type of every error answer (RFC 9457).
const ProblemType = "application/problem+json"

// RequestIDHeader names the request, in requests, answers and logs.
const RequestIDHeader = "X-Request-Id"

// Problem is the body of every error answer (RFC 9457).
type Problem struct {
	Type      string         `json:"type" format:"uri" example:"urn:headway:problem:invalid" doc:"The kind of problem; ends in its code"`
	Title     string         `json:"title" doc:"The kind of problem, for a person"`
	Status    int            `json:"status" example:"422" doc:"The HTTP status"`
	Detail    string         `json:"detail" doc:"What happened this time and what can be done, for a person"`
	Code      apperr.Code    `json:"code" example:"invalid" doc:"The kind of problem, for a program"`
	Errors    []apperr.Field `json:"errors,omitempty" doc:"Which parts of the input are wrong, and what would be right"`
	RequestID string         `json:"requestId,omitempty" doc:"Name this when asking for help"`

	retryAfter time.Duration
	cause      error
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus tells huma the status to send.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders tells huma the headers to send.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	p.setHeaders(h)
	return h
}

func (p *Problem) setHeaders(h http.Header) {
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	h.Set("Cache-Control", "no-store")
}

// ContentType tells huma the media type to send.
func (p *Problem) ContentType(string) string { return ProblemType }

// Unwrap gives the cause, for logs.
func (p *Problem) Unwrap() error { return p.cause }

// NewProblem translates an error into its problem document. The text of an
// error that is not an *apperr.Error is never in it.
func NewProblem(err error, requestID string) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	e := coded(err)
	meaning := apperr.MeaningOf(e.Code)
	p := &Problem{
		Type: "urn:headway:problem:" + string(e.Code), Title: meaning.Title, Status: meaning.Status,
		Detail: e.Message, Code: e.Code, Errors: e.Fields, RequestID: requestID,
		retryAfter: e.RetryAfter, cause: err,
	}
	if e.Code == apperr.Internal {
		p.Detail = "Something went wrong on our side. Try again; if it stays, name the request id to whoever runs this server."
	}
	return p
}

func coded(err error) *apperr.Error {
	var e *apperr.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &tooLarge):
		return apperr.New(apperr.TooLarge, "The body is larger than the %d bytes that are taken here.", tooLarge.Limit)
	case errors.Is(err, context.DeadlineExceeded):
		return &apperr.Error{Code: apperr.Timeout, Message: "The request took longer than it may. Try again.", RetryAfter: time.Second, Cause: err}
	case errors.Is(err, context.Canceled):
		return &apperr.Error{Code: apperr.Unavailable, Message: "The request was given up.", Cause: err}
	}
	return apperr.Wrap(err, "internal error")
}

// CauseRecorder is implemented by response writers that keep the cause of an
// error answer for the log.
type CauseRecorder interface {
	RecordCause(err error)
}

// WriteProblem answers the request with the error's problem document. It is
// for handlers outside of the API's operations, and for middleware.
func WriteProblem(w http.ResponseWriter, err error) {
	h := w.Header()
	p := NewProblem(err, h.Get(RequestIDHeader))
	record(w, p.cause)
	body, encErr := json.Marshal(p)
	if encErr != nil {
		body = []byte(`{"type":"urn:headway:problem:internal","title":"Something went wrong on our side","status":500,"detail":"","code":"internal"}`)
	}
	p.setHeaders(h)
	h.Set("Content-Type", ProblemType)
	h.Del("ETag")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client is gone where this fails
}

// record hands the cause to the first writer that keeps it.
func record(w http.ResponseWriter, cause error) {
	for cause != nil && w != nil {
		if r, ok := w.(CauseRecorder); ok {
			r.RecordCause(cause)
			return
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = u.Unwrap()
	}
}
