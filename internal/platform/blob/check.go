package blob

import (
	"context"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"
)

// Limits of keys and content types, in bytes.
const (
	MaxKey         = 512
	MaxSegment     = 128
	MaxContentType = 100
)

// DefaultContentType is that of what was put without one.
const DefaultContentType = "application/octet-stream"

// KeyError says what is wrong with a key or a prefix.
type KeyError struct {
	Key string
	Why string
}

// Error implements error.
func (e *KeyError) Error() string { return fmt.Sprintf("blob: the key %q %s", e.Key, e.Why) }

// CheckKey answers a *KeyError for a key that not every adapter could keep.
// Keys are segments with "/" between them, of letters a–z, digits, '.', '-'
// and '_'. A segment neither begins nor ends with '.', and is not what Windows
// calls a device (con, nul …).
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return &KeyError{key, "must be 1 to 512 bytes long"}
	}
	for segment := range strings.SplitSeq(key, "/") {
		switch {
		case segment == "" || len(segment) > MaxSegment:
			return &KeyError{key, "must have segments of 1 to 128 bytes"}
		case segment[0] == '.' || segment[len(segment)-1] == '.':
			return &KeyError{key, "must have segments that neither begin nor end with a dot"}
		case isDevice(segment):
			return &KeyError{key, "has a segment that names a device"}
		}
	}
	return checkBytes(key)
}

// CheckPrefix answers a *KeyError for what no key can begin with.
func CheckPrefix(prefix string) error {
	if len(prefix) > MaxKey {
		return &KeyError{prefix, "must be up to 512 bytes long"}
	}
	return checkBytes(prefix)
}

func checkBytes(key string) error {
	for i := range len(key) {
		c := key[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' && c != '/' {
			return &KeyError{key, "must be of letters a to z, digits, '.', '-', '_' and '/'"}
		}
	}
	return nil
}

func isDevice(segment string) bool {
	name, _, _ := strings.Cut(segment, ".")
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(name) == 4 && (strings.HasPrefix(name, "com") || strings.HasPrefix(name, "lpt")) && name[3] >= '0' && name[3] <= '9'
}

// Check answers what is wrong with the options, wrapping ErrInvalid, and their content type.
func (o PutOptions) Check() (contentType string, err error) {
	if o.MaxBytes <= 0 {
		return "", fmt.Errorf("%w: MaxBytes must be positive", ErrInvalid)
	}
	return CheckContentType(o.ContentType)
}

// CheckContentType answers the content type, the default one for "".
func CheckContentType(contentType string) (string, error) {
	if contentType == "" {
		return DefaultContentType, nil
	}
	if _, _, err := mime.ParseMediaType(contentType); err != nil {
		return "", fmt.Errorf("%w: %q is no media type", ErrInvalid, contentType)
	}
	if len(contentType) > MaxContentType {
		return "", fmt.Errorf("%w: the media type is longer than %d bytes", ErrInvalid, MaxContentType)
	}
	for i := range len(contentType) {
		if contentType[i] < ' ' || contentType[i] > '~' {
			return "", fmt.Errorf("%w: %q is no media type", ErrInvalid, contentType)
		}
	}
	return contentType, nil
}

// CheckValid answers what is wrong with how long a signed URL shall hold.
func CheckValid(valid time.Duration) error {
	if valid < time.Second || valid > MaxSigned {
		return fmt.Errorf("%w: a signed URL holds for a second to seven days", ErrInvalid)
	}
	return nil
}

// Within answers where a part begins and how long it is in a blob of a size,
// ErrRange for one that begins past the end.
func (r Range) Within(size int64) (offset, length int64, err error) {
	switch {
	case r.Offset < 0 || r.Length < 0:
		return 0, 0, fmt.Errorf("%w: a part begins at 0 or later and is not of negative length", ErrInvalid)
	case r.Offset > 0 && r.Offset >= size:
		return 0, 0, ErrRange
	}
	length = size - r.Offset
	if r.Length > 0 {
		length = min(length, r.Length)
	}
	return r.Offset, length, nil
}

// Limited reads body up to a limit and answers ErrTooLarge beyond it, and the
// context's error once that ended.
func Limited(ctx context.Context, body io.Reader, limit int64) io.Reader {
	return &limited{ctx, body, limit}
}

type limited struct {
	ctx  context.Context
	body io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	// One byte more than is left shows whether there is more.
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.body.Read(p)
	if int64(n) > l.left {
		return 0, ErrTooLarge
	}
	l.left -= int64(n)
	return n, err
}
