// Package blob is the port of what is kept as a whole under a key: uploaded
// files, attachments, exports. Adapters live in the folders beside it;
// blobtest holds the conformance suite that each of them passes.
package blob

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Info describes a blob.
type Info struct {
	Key string
	// Size is in bytes.
	Size int64
	// ContentType is the media type that it was put with. List leaves it out.
	ContentType string
	// Modified is when it was put, in UTC, to the second or finer.
	Modified time.Time
}

// PutOptions say what is put.
type PutOptions struct {
	// ContentType is a media type of up to MaxContentType bytes, "" is application/octet-stream.
	ContentType string
	// MaxBytes is how long the content may be; it must be set.
	MaxBytes int64
}

// Range is a part of a blob. The zero value is all of it.
type Range struct {
	// Offset is the first byte wanted. There must be such a byte, but for 0.
	Offset int64
	// Length is how many bytes are wanted, 0 for all to the end. Where fewer are left those are answered.
	Length int64
}

// Store keeps blobs. It is safe for concurrent use. A key that is not one
// (see CheckKey) answers *KeyError from every method.
type Store interface {
	// Put stores the content of body under the key, durably before it returns,
	// and replaces what was there. It is all or nothing: after an error, of
	// body too, what was there before is there still, and nobody ever reads a
	// part of one and a part of the other. Content beyond opts.MaxBytes
	// answers ErrTooLarge. body is read to its end and not closed.
	Put(ctx context.Context, key string, body io.Reader, opts PutOptions) (Info, error)

	// Get answers a blob's content, or a part of it, which the caller closes,
	// and what it is: Size is that of the whole. It answers ErrNotFound, and
	// ErrRange for a part that begins past the end. What is read is the blob
	// as it was when Get was called, or an error. ctx holds until it is closed.
	// Where a store can read a part in any order, what is answered is an io.ReaderAt too.
	Get(ctx context.Context, key string, part Range) (io.ReadCloser, Info, error)

	// Stat answers what a blob is, or ErrNotFound.
	Stat(ctx context.Context, key string) (Info, error)

	// Delete removes a blob. That there was none is no error.
	Delete(ctx context.Context, key string) error

	// List answers up to limit blobs whose keys begin with prefix and come
	// after a key ("" is the beginning), in the order of the keys' bytes. The
	// key of the last one is where to go on from; a page of none is the end.
	List(ctx context.Context, prefix, after string, limit int) ([]Info, error)
}

// Signer is a Store whose blobs clients can reach by themselves, by URLs that
// hold for a while for whoever has them.
type Signer interface {
	Store

	// SignGet answers a URL to GET a blob, there or not, for up to MaxSigned.
	// filename, where not "", is what a browser saves it as, instead of showing it.
	SignGet(ctx context.Context, key string, valid time.Duration, filename string) (string, error)

	// SignPut answers a request that puts exactly size bytes under the key.
	// The client must send the headers as they are.
	SignPut(ctx context.Context, key string, valid time.Duration, contentType string, size int64) (SignedRequest, error)
}

// SignedRequest is a request that a client may send as it is, with a body.
type SignedRequest struct {
	Method, URL string
	Header      http.Header
}

// MaxSigned is how long a signed URL may hold.
const MaxSigned = 7 * 24 * time.Hour

// Errors of a Store. Match them with errors.Is.
var (
	ErrNotFound = errors.New("blob: there is no blob of that key")
	ErrTooLarge = errors.New("blob: the content is larger than allowed")
	ErrRange    = errors.New("blob: the part begins past the end of the blob")
	ErrInvalid  = errors.New("blob: the options are not valid")
)
