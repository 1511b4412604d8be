package servers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Wire stands between a client and a server of the MongoDB protocol and
// changes answers, for what the server itself never says: that it is no
// primary, or that the user lacks a right.
type Wire struct {
	// Addr is where clients connect to, HOST:PORT.
	Addr string

	upstream string
	change   func(command string, answer bson.D) bson.D
	single   *sync.Mutex // held while a write is underway; nil where they may be at the same time
	open     sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]bool // nil once the test has ended
}

// NewWire passes everything on to the server at upstream, HOST:PORT. change is
// called with the name of each command, from any goroutine: first with no
// answer, and what it makes of that is told to the client without asking the
// server; where it makes nothing of it, again with the server's answer.
func NewWire(t T, upstream string, change func(command string, answer bson.D) bson.D) *Wire {
	t.Helper()
	return newWire(t, &Wire{upstream: upstream, change: change})
}

// NewSingleWriter passes everything on to the server at upstream, HOST:PORT,
// one write at a time. FerretDB looks for what an update is to change and then
// changes it, and another may come in between; MongoDB does both in one, and
// so does FerretDB behind this.
func NewSingleWriter(t T, upstream string) *Wire {
	t.Helper()
	return newWire(t, &Wire{upstream: upstream, change: func(_ string, answer bson.D) bson.D { return answer }, single: new(sync.Mutex)})
}

func newWire(t T, w *Wire) *Wire {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.Addr, w.conns = l.Addr().String(), map[net.Conn]bool{}
	w.open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test has ended
			}
			w.open.Go(func() { w.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close() // nobody is left to be told
		w.mu.Lock()
		for conn := range w.conns {
			_ = conn.Close() // likewise
		}
		w.conns = nil
		w.mu.Unlock()
		w.open.Wait()
	})
	return w
}

// keep has a connection closed when the test ends; false where it has ended.
func (w *Wire) keep(conn net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conns == nil {
		return false
	}
	w.conns[conn] = true
	return true
}

// serve passes questions and answers on, one after the other as clients send them.
func (w *Wire) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.upstream)
	if err != nil {
		return
	}
	defer server.Close()
	if !w.keep(client) || !w.keep(server) {
		return
	}
	for {
		question, err := readMessage(client)
		if err != nil {
			return
		}
		answer, err := w.answer(server, question)
		if err != nil {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

// Places in messages of the protocol. Each begins with its length, its number,
// that of the question it answers, and its kind.
const (
	headerSize = 16
	kindReply  = 1    // flags, cursor, start, count, document
	kindQuery  = 2004 // flags, name of the collection, skip, limit, document
	kindMsg    = 2013 // flags, then sections: a byte 0 and the document first
	replyBody  = headerSize + 20
	msgBody    = headerSize + 5
	maxMessage = 48 << 20
)

var errWire = errors.New("a message that is none of the protocol's")

func readMessage(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(size[:])
	if n < headerSize || n > maxMessage {
		return nil, errWire
	}
	message := make([]byte, n)
	copy(message, size[:])
	_, err := io.ReadFull(r, message[4:])
	return message, err
}

// body answers where a message's document begins.
func body(message []byte) (int, error) {
	at := len(message)
	switch binary.LittleEndian.Uint32(message[12:]) {
	case kindReply:
		at = replyBody
	case kindMsg:
		at = msgBody
	case kindQuery:
		if end := bytes.IndexByte(message[min(headerSize+4, len(message)):], 0); end >= 0 {
			at = headerSize + 4 + end + 1 + 8
		}
	}
	if at+4 > len(message) {
		return 0, errWire
	}
	return at, nil
}

func document(message []byte) (at, end int, d bson.D, err error) {
	if at, err = body(message); err != nil {
		return 0, 0, nil, err
	}
	end = at + int(binary.LittleEndian.Uint32(message[at:]))
	if end > len(message) {
		return 0, 0, nil, errWire
	}
	err = bson.Unmarshal(message[at:end], &d)
	return at, end, d, err
}

// writes are the commands that write documents.
var writes = []string{"insert", "update", "delete", "findAndModify", "findandmodify"}

// answer answers a question, from the server where change does not.
func (w *Wire) answer(server io.ReadWriter, question []byte) ([]byte, error) {
	_, _, asked, err := document(question)
	if err != nil || len(asked) == 0 {
		return nil, errors.Join(err, errWire)
	}
	command := asked[0].Key
	if told := w.change(command, nil); told != nil {
		head := make([]byte, msgBody)
		copy(head[8:12], question[4:8])
		binary.LittleEndian.PutUint32(head[12:], kindMsg)
		return withDocument(head, told, nil)
	}
	if w.single != nil && slices.Contains(writes, command) {
		w.single.Lock()
		defer w.single.Unlock()
	}
	if _, err := server.Write(question); err != nil {
		return nil, err
	}
	answer, err := readMessage(server)
	if err != nil {
		return nil, err
	}
	at, end, said, err := document(answer)
	if err != nil {
		return nil, err
	}
	return withDocument(answer[:at], w.change(command, said), answer[end:])
}

func withDocument(head []byte, d bson.D, rest []byte) ([]byte, error) {
	body, err := bson.Marshal(d)
	if err != nil {
		return nil, err
	}
	out := slices.Concat(head, body, rest)
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	return out, nil
}

// Denied is the answer to a user who lacks a right.
func Denied(bson.D) bson.D {
	return bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: "not authorized"}, {Key: "code", Value: int32(13)}, {Key: "codeName", Value: "Unauthorized"}}
}

// Secondary is what a member that is not the primary says of itself.
func Secondary(answer bson.D) bson.D {
	if answer == nil {
		return nil
	}
	out := bson.D{{Key: "setName", Value: "rs0"}, {Key: "secondary", Value: true}, {Key: "hosts", Value: bson.A{}}}
	for _, e := range answer {
		switch e.Key {
		case "isWritablePrimary", "ismaster":
			e.Value = false
		case "setName", "secondary", "hosts":
			continue
		}
		out = append(out, e)
	}
	return out
}
