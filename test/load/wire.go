// Package load has what drives servers and reads what they use, at as little
// cost of its own as can be.
package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Conn is one keep-alive HTTP/1.1 connection that does as little as a client
// can, so that what is measured is the server. It is for one goroutine.
type Conn struct {
	conn net.Conn
	in   *bufio.Reader
}

// Reply is what came back. Its slices are valid until the next call.
type Reply struct {
	Status int
	// Seq is the header Headway-Seq, 0 where there is none.
	Seq uint64
	// Tag is the header ETag.
	Tag []byte
	// RetryAfter is that header in seconds, 0 where there is none.
	RetryAfter int
	Body       []byte
}

// Dial connects to HOST:PORT.
func Dial(addr string) (*Conn, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &Conn{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// Close ends the connection, if it is open.
func (w *Conn) Close() { _ = w.conn.Close() }

// Write sends bytes of a request as they are.
func (w *Conn) Write(b []byte) (int, error) { return w.conn.Write(b) }

// Read answers bytes of an answer as they came, chunk headers and all.
func (w *Conn) Read(b []byte) (int, error) { return w.in.Read(b) }

// Request builds the bytes of a request; body nil sends none.
func Request(method, path, host, token string, header map[string]string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, host)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	for name, value := range header {
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

var (
	headerLength  = []byte("content-length")
	headerChunked = []byte("transfer-encoding")
	headerSeq     = []byte("headway-seq")
	headerTag     = []byte("etag")
	headerRetry   = []byte("retry-after")
)

// Do sends a request and reads the whole answer into buf, which it may grow.
func (w *Conn) Do(request, buf []byte) (Reply, []byte, error) {
	if _, err := w.conn.Write(request); err != nil {
		return Reply{}, buf, err
	}
	r, length, chunked, err := w.Head()
	if err != nil {
		return r, buf, err
	}
	buf = buf[:0]
	switch {
	case chunked:
		buf, err = w.chunks(buf)
	case length > 0:
		if cap(buf) < length {
			buf = make([]byte, length)
		}
		buf = buf[:length]
		_, err = io.ReadFull(w.in, buf)
	}
	r.Body = buf
	return r, buf, err
}

// Head reads the status line and the headers, and answers how long the body is
// or that it comes in chunks.
func (w *Conn) Head() (r Reply, length int, chunked bool, err error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return r, 0, false, err
	}
	if len(line) < 12 {
		return r, 0, false, errors.New("no HTTP answer")
	}
	if r.Status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return r, 0, false, fmt.Errorf("no HTTP status: %w", err)
	}
	for {
		line, err = w.in.ReadSlice('\n')
		if err != nil {
			return r, 0, false, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return r, length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, headerLength):
			length, err = strconv.Atoi(string(value))
		case bytes.EqualFold(name, headerChunked):
			chunked = true
		case bytes.EqualFold(name, headerSeq):
			r.Seq, err = strconv.ParseUint(string(value), 10, 64)
		case bytes.EqualFold(name, headerRetry):
			r.RetryAfter, err = strconv.Atoi(string(value))
		case bytes.EqualFold(name, headerTag):
			r.Tag = bytes.Clone(value)
		}
		if err != nil {
			return r, 0, false, fmt.Errorf("header %s: %w", name, err)
		}
	}
}

// chunks reads a chunked body.
func (w *Conn) chunks(buf []byte) ([]byte, error) {
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return buf, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return buf, fmt.Errorf("chunk size: %w", err)
		}
		from := len(buf)
		buf = append(buf, make([]byte, size)...)
		if _, err := io.ReadFull(w.in, buf[from:]); err != nil {
			return buf, err
		}
		if _, err := w.in.Discard(2); err != nil {
			return buf, err
		}
		if size == 0 {
			return buf, nil
		}
	}
}
