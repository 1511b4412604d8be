package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"headway/internal/platform/ids"
)

// maxDepth bounds how deep a body may nest; no operation needs more than 5.
const maxDepth = 32

// Answers: arrays are never null, and omitempty means what encoding/json means by it.
var encodeOptions = json.JoinOptions(jsonv1.OmitEmptyWithLegacySemantics(true))

var decodeOptions = json.RejectUnknownMembers(true)

// jsonFormat reads bodies strictly (RFC 8259 with RFC 7493's rules: UTF-8, no
// name twice in an object) and writes answers.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		return json.MarshalWrite(w, v, encodeOptions)
	},
	Unmarshal: decode,
}

// decode reads a body, into *any to be checked or into its type. Its errors
// may be answered: they quote nothing of the input.
func decode(data []byte, v any) error {
	if generic, ok := v.(*any); ok {
		if err := precheck(data); err != nil {
			return err
		}
		value, err := parse(data)
		*generic = value
		return err
	}
	err := json.Unmarshal(data, v, decodeOptions)
	if err == nil {
		return nil
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		message := "Has a value that is not taken here."
		if errors.Is(err, ids.ErrSyntax) {
			message = sentence(ids.ErrSyntax.Error())
		}
		return fieldError{bodyPath(semantic.JSONPointer), message}
	}
	return syntaxError(data, err)
}

// fieldError is about one field. huma keeps only the text of an error, so the
// text carries both parts, divided by a byte that no path or sentence holds.
type fieldError struct{ path, message string }

// Error implements error.
func (e fieldError) Error() string { return e.path + "\x00" + e.message }

func parse(data []byte) (any, error) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, syntaxError(data, err)
	}
	return value, nil
}

func syntaxError(data []byte, err error) error {
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return errors.New("Names the same field twice in one object.") //nolint:revive,staticcheck // a sentence for the answer
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("Is not JSON: it ends too early.") //nolint:revive,staticcheck // a sentence for the answer
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		return fmt.Errorf("Is not JSON at byte %d of %d.", syntactic.ByteOffset, len(data)) //nolint:revive,staticcheck // a sentence for the answer
	}
	return errors.New("Holds a value that cannot be read, such as a number out of range.") //nolint:revive,staticcheck // a sentence for the answer
}

// precheck refuses what no parser should have to look at.
func precheck(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("Is not valid UTF-8.") //nolint:revive,staticcheck // a sentence for the answer
	}
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		if inString {
			next := bytes.IndexAny(data[i:], `"\`)
			if next < 0 {
				return nil // the parser says what is wrong
			}
			i += next
			if data[i] == '\\' {
				i++
			} else {
				inString = false
			}
			continue
		}
		switch data[i] {
		case '"':
			inString = true
		case '{', '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("Nests deeper than %d levels.", maxDepth) //nolint:revive,staticcheck // a sentence for the answer
			}
		case '}', ']':
			depth--
		}
	}
	return nil
}

// bodyPath turns /items/0/title into body.items[0].title.
func bodyPath(p jsontext.Pointer) string {
	var b strings.Builder
	b.WriteString("body")
	for token := range p.Tokens() {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			b.WriteString("[" + token + "]")
		} else {
			b.WriteString("." + token)
		}
	}
	return b.String()
}

// nothing stands for a null where the schema allows none; huma itself lets a
// null pass for a field that may be left out.
type nothing struct{}

// markNulls replaces nulls that the schema does not allow, so that checking
// against it finds them.
func markNulls(r huma.Registry, s *huma.Schema, value any) {
	for s != nil && s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	if s == nil {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			sub := s.Properties[name]
			if sub == nil {
				sub, _ = s.AdditionalProperties.(*huma.Schema)
			}
			if sub == nil {
				continue
			}
			if member == nil {
				if sub.Type != "" && !sub.Nullable || sub.Ref != "" {
					v[name] = nothing{}
				}
				continue
			}
			markNulls(r, sub, member)
		}
	case []any:
		for _, member := range v {
			markNulls(r, s.Items, member)
		}
	}
}
