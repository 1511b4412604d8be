package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/validation"

	"headway/internal/apperr"
	"headway/internal/platform/ids"
)

// adjustHuma sets huma's package variables, which are all that it offers for
// this, once in the process: error documents, messages, strictness.
var adjustHuma = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return translate("", status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		_, w := humago.Unwrap(ctx)
		p := translate(w.Header().Get(RequestIDHeader), status, msg, errs)
		record(w, p.cause)
		p.setHeaders(w.Header())
		w.Header().Del("ETag")
		return p
	}
	// Errors among the arguments quote the caller's input.
	huma.ErrorFormatter = func(format string, args ...any) string {
		kept := args[:0:0]
		for _, a := range args {
			if _, isErr := a.(error); !isErr {
				kept = append(kept, a)
			}
		}
		return fmt.Sprintf(format, kept...)
	}
	for message, text := range map[*string]string{
		&validation.MsgUnexpectedProperty:                "There is no such field here. Leave it out.",
		&validation.MsgExpectedRFC3339DateTime:           "Must be a time such as 2026-05-01T09:30:00Z (RFC 3339).",
		&validation.MsgExpectedRFC3339Date:               "Must be a date such as 2026-05-01.",
		&validation.MsgExpectedRFC3339Time:               "Must be a time of day such as 09:30:00.",
		&validation.MsgExpectedRFC5322Email:              "Must be an email address such as ada@example.org.",
		&validation.MsgExpectedRFC3986URI:                "Must be an address such as https://example.org/page.",
		&validation.MsgExpectedRFC4122UUID:               "Must be a UUID such as 0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f.",
		&validation.MsgExpectedMatchAtLeastOneSchema:     "Must have one of the documented shapes.",
		&validation.MsgExpectedMatchExactlyOneSchema:     "Must have exactly one of the documented shapes.",
		&validation.MsgExpectedNotMatchSchema:            "Has a shape that is not taken here.",
		&validation.MsgExpectedBoolean:                   "Must be true or false.",
		&validation.MsgExpectedNumber:                    "Must be a number.",
		&validation.MsgExpectedInteger:                   "Must be a whole number.",
		&validation.MsgExpectedString:                    "Must be a string.",
		&validation.MsgExpectedBase64String:              "Must be base64.",
		&validation.MsgExpectedArray:                     "Must be an array.",
		&validation.MsgExpectedObject:                    "Must be an object.",
		&validation.MsgExpectedArrayItemsUnique:          "Must not hold the same value twice.",
		&validation.MsgExpectedOneOf:                     "Must be one of: %s.",
		&validation.MsgExpectedMinimumNumber:             "Must be %v or more.",
		&validation.MsgExpectedExclusiveMinimumNumber:    "Must be more than %v.",
		&validation.MsgExpectedMaximumNumber:             "Must be %v or less.",
		&validation.MsgExpectedExclusiveMaximumNumber:    "Must be less than %v.",
		&validation.MsgExpectedNumberBeMultipleOf:        "Must be a multiple of %v.",
		&validation.MsgExpectedMinLength:                 "Must have at least %d characters.",
		&validation.MsgExpectedMaxLength:                 "Must have at most %d characters.",
		&validation.MsgExpectedBePattern:                 "Must be %s.",
		&validation.MsgExpectedMatchPattern:              "Must match the pattern %s.",
		&validation.MsgExpectedMinItems:                  "Must hold at least %d.",
		&validation.MsgExpectedMaxItems:                  "Must hold at most %d.",
		&validation.MsgExpectedMinProperties:             "Must have at least %d fields.",
		&validation.MsgExpectedMaxProperties:             "Must have at most %d fields.",
		&validation.MsgExpectedRequiredProperty:          "The field %s is needed.",
		&validation.MsgExpectedDependentRequiredProperty: "The field %s is needed where %s is given.",
	} {
		*message = text
	}
})

// fixed are huma's messages that it has no variable for.
var fixed = map[string]string{
	"invalid integer":         "Must be a whole number.",
	"invalid boolean":         "Must be true or false.",
	"invalid float":           "Must be a number.",
	"unknown query parameter": "There is no such parameter here. Leave it out.",
	"expected value to match exactly one schema but matched multiple": "Must have exactly one of the documented shapes.",
}

// translate turns what huma found wrong into our problem document.
func translate(requestID string, status int, msg string, errs []error) *Problem {
	for _, err := range errs {
		var e *apperr.Error
		var tooLarge *http.MaxBytesError
		if errors.As(err, &e) || errors.As(err, &tooLarge) {
			return NewProblem(err, requestID)
		}
	}
	switch status {
	case 0: // huma asks for an example of the type
		return &Problem{}
	case http.StatusUnsupportedMediaType:
		return NewProblem(apperr.New(apperr.UnsupportedMedia, "Send the body as application/json."), requestID)
	case http.StatusRequestEntityTooLarge:
		return NewProblem(apperr.New(apperr.TooLarge, "The body is larger than is taken here."), requestID)
	case http.StatusRequestTimeout:
		return NewProblem(&apperr.Error{Code: apperr.Timeout, Message: "The body took too long to arrive. Send it again."}, requestID)
	case http.StatusNotAcceptable:
		return NewProblem(apperr.New(apperr.NotAcceptable, "The answer is only to be had as application/json."), requestID)
	case http.StatusInternalServerError:
		if len(errs) == 1 {
			return NewProblem(errs[0], requestID)
		}
		return NewProblem(apperr.Wrap(errors.Join(append(errs, errors.New(msg))...), "internal error"), requestID)
	}
	e := &apperr.Error{Code: apperr.CodeOfStatus(status)}
	for _, err := range errs {
		f := field(err)
		if f.Message == "" {
			continue
		}
		e.Fields = append(e.Fields, f)
		if len(e.Fields) == maxFields {
			break
		}
	}
	switch {
	case msg == "request body is required":
		e.Message = "The request needs a body, a JSON object."
	case len(e.Fields) == 1:
		e.Message = e.Fields[0].Path + ": " + e.Fields[0].Message
	case len(e.Fields) > 1:
		e.Message = fmt.Sprintf("%s: %s And %d more, see errors.", e.Fields[0].Path, e.Fields[0].Message, len(e.Fields)-1)
	default:
		e.Message = "The request cannot be taken as it is."
	}
	return NewProblem(e, requestID)
}

// maxFields bounds how many wrong fields one answer lists.
const maxFields = 50

// field drops the value that huma would echo.
func field(err error) apperr.Field {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return apperr.Field{Path: "request", Message: "Is not valid."}
	}
	detail := d.ErrorDetail()
	message := detail.Message
	if m, ok := fixed[message]; ok {
		message = m
	} else if strings.HasPrefix(message, "required ") && strings.HasSuffix(message, " parameter is missing") {
		message = "Is needed."
	} else if rest, ok := strings.CutPrefix(message, "invalid value: "); ok {
		message = sentence(rest)
	} else if strings.HasPrefix(message, "invalid date/time") {
		message = validation.MsgExpectedRFC3339DateTime
	}
	path := detail.Location
	if inner, text, ok := strings.Cut(message, "\x00"); ok {
		path, message = inner, text
	}
	if len(path) > 120 || !utf8.ValidString(path) {
		path = strings.ToValidUTF8(path[:min(len(path), 120)], "") + "…"
	}
	return apperr.Field{Path: path, Message: message}
}

// sentence gives a text a capital and a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// QueryID reads an id from the query parameter name; absent is zero.
func QueryID(name, text string) (ids.ID, error) {
	if text == "" {
		return ids.Nil, nil
	}
	id, err := ids.Parse(text)
	if err != nil {
		return ids.Nil, apperr.InvalidField("query."+name, "%s", err)
	}
	return id, nil
}
