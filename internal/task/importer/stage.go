package importer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"headway/internal/apperr"
)

// Staged says what came out of Stage.
type Staged struct {
	// Read is the size of the file as it came, Size as it was written, in bytes.
	Read, Size int64
	// Hash is the SHA-256 of the file as it came.
	Hash [sha256.Size]byte
	// Broken counts bytes that were not valid UTF-8; each became U+FFFD.
	Broken int
	// Encoding is "UTF-8", "UTF-16LE" or "UTF-16BE".
	Encoding string
}

// Stage copies an export to w as UTF-8 without a byte-order mark, at most
// limit bytes of it, and refuses what cannot be text: an empty file, an
// archive, a picture. UTF-16 is decoded, with or without a mark. Errors of a
// wrong file are apperr.Invalid or apperr.TooLarge with a sentence for the user.
func Stage(ctx context.Context, w io.Writer, r io.Reader, limit int64) (Staged, error) {
	var st Staged
	hash := sha256.New()
	in := &meter{ctx: ctx, r: r, limit: limit}
	br := bufio.NewReaderSize(io.TeeReader(in, hash), 64<<10)
	head, err := br.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return st, err
	}
	dec, skip, err := sniff(head)
	if err != nil {
		return st, err
	}
	if _, err := br.Discard(skip); err != nil {
		return st, err
	}
	st.Encoding = dec.name
	var text io.Reader = br
	if dec.decoder != nil {
		text = transform.NewReader(br, dec.decoder)
	}
	out := &counter{w: w}
	st.Broken, err = copyUTF8(out, text)
	if err != nil {
		return st, err
	}
	st.Read, st.Size = in.n, out.n
	hash.Sum(st.Hash[:0])
	return st, nil
}

type charset struct {
	name    string
	decoder *encoding.Decoder
}

// sniff tells the encoding by the first bytes and how many of them to skip.
func sniff(head []byte) (charset, int, error) {
	utf8Set := charset{name: "UTF-8"}
	if len(bytes.TrimSpace(head)) == 0 && len(head) < 1024 {
		return utf8Set, 0, apperr.New(apperr.Invalid, "The file is empty.")
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return utf8Set, 0, apperr.New(apperr.Invalid, "%s", m.sentence)
		}
	}
	little := func() *encoding.Decoder { return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder() }
	big := func() *encoding.Decoder { return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder() }
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return utf8Set, 3, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return utf8Set, 0, apperr.New(apperr.Invalid, "The file is encoded in UTF-32. Save it as UTF-8 and try again.")
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return charset{"UTF-16LE", little()}, 2, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return charset{"UTF-16BE", big()}, 2, nil
	case len(head) >= 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return charset{"UTF-16LE", little()}, 0, nil
	case len(head) >= 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return charset{"UTF-16BE", big()}, 0, nil
	case bytes.IndexByte(head, 0) >= 0:
		return utf8Set, 0, apperr.New(apperr.Invalid, "The file is not text: it holds zero bytes. Choose the export as it was downloaded.")
	}
	return utf8Set, 0, nil
}

var magics = []struct{ magic, sentence string }{
	{"PK\x03\x04", "The file is a zip archive. Unpack it and choose the JSON file inside."},
	{"PK\x05\x06", "The file is an empty zip archive. Export the board again."},
	{"\x1f\x8b", "The file is compressed (gzip). Unpack it and choose the JSON file inside."},
	{"7z\xbc\xaf\x27\x1c", "The file is a 7z archive. Unpack it and choose the JSON file inside."},
	{"Rar!", "The file is a RAR archive. Unpack it and choose the JSON file inside."},
	{"%PDF-", "The file is a PDF, not an export. Export the board as JSON."},
	{"\x89PNG", "The file is a picture, not an export. Export the board as JSON."},
	{"\xff\xd8\xff", "The file is a picture, not an export. Export the board as JSON."},
	{"GIF8", "The file is a picture, not an export. Export the board as JSON."},
	{"SQLite format 3\x00", "The file is a database, not an export. Export the board as JSON."},
}

// copyUTF8 copies text and puts U+FFFD where a byte is not valid UTF-8.
func copyUTF8(w io.Writer, r io.Reader) (broken int, err error) {
	buf := make([]byte, 64<<10)
	var fixed []byte
	have := 0
	for {
		n, rerr := r.Read(buf[have:])
		have += n
		chunk := buf[:have]
		keep := 0
		if rerr == nil {
			keep = partialRune(chunk)
		}
		chunk = chunk[:have-keep]
		if utf8.Valid(chunk) {
			_, err = w.Write(chunk)
		} else {
			var bad int
			fixed, bad = appendValid(fixed[:0], chunk)
			broken += bad
			_, err = w.Write(fixed)
		}
		if err != nil {
			return broken, err
		}
		have = copy(buf, buf[have-keep:have])
		if errors.Is(rerr, io.EOF) {
			return broken, nil
		}
		if rerr != nil {
			return broken, rerr
		}
	}
}

// partialRune answers how many bytes at the end may be the start of a rune.
func partialRune(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

func appendValid(dst, b []byte) ([]byte, int) {
	bad := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			dst = utf8.AppendRune(dst, utf8.RuneError)
			bad++
		} else {
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	return dst, bad
}

// meter reads up to a limit, and only while the context lives.
type meter struct {
	ctx      context.Context //nolint:containedctx // lives for one Stage call
	r        io.Reader
	n, limit int64
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.n += int64(n)
	if m.n > m.limit {
		return 0, apperr.New(apperr.TooLarge, "The file is larger than the %d MB that an import may have.", m.limit>>20)
	}
	return n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
