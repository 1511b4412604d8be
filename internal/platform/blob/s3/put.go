package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"headway/internal/platform/blob"
)

const (
	// maxParts is how many parts an upload may have, by the protocol 10,000.
	maxParts = 9_000
	// inFlight is how many parts of one upload are in memory at most.
	inFlight = 3
	// abortTimeout bounds the clearing away of an upload that failed.
	abortTimeout = 10 * time.Second
)

// Put implements blob.Store. Content of up to a part is sent at once, larger
// content in parts, each of which is sent again where that failed.
func (s *Store) Put(ctx context.Context, key string, body io.Reader, opts blob.PutOptions) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	contentType, err := opts.Check()
	if err != nil {
		return blob.Info{}, err
	}
	part := max(int64(s.part), opts.MaxBytes/maxParts+1)
	body = blob.Limited(ctx, body, opts.MaxBytes)
	first, err := readPart(body, part)
	size := int64(len(first))
	switch {
	case errors.Is(err, io.EOF):
		_, err = s.client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: s.bucket, Key: s.name(key), ContentType: &contentType, Body: bytes.NewReader(first), ContentLength: &size,
		})
	case err == nil:
		size, err = s.putParts(ctx, key, contentType, first, body, part)
	}
	if err != nil {
		return blob.Info{}, fmt.Errorf("blob/s3: put: %w", err)
	}
	return blob.Info{Key: key, Size: size, ContentType: contentType, Modified: time.Now().UTC()}, nil
}

// readPart reads a part, or what is left with io.EOF.
func readPart(body io.Reader, size int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := io.CopyN(&b, body, size)
	if err == nil && n == size {
		return b.Bytes(), nil
	}
	return b.Bytes(), err
}

// upload is a content on its way in parts.
type upload struct {
	*Store
	key, id *string

	mu    sync.Mutex
	parts []types.CompletedPart
	err   error
}

// putParts sends the first part and what is left of body. Where that fails
// nothing is to be seen of it, and the parts are cleared away; where even that
// fails a lifecycle rule of the bucket does it.
func (s *Store) putParts(ctx context.Context, key, contentType string, first []byte, body io.Reader, size int64) (total int64, err error) {
	begun, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: s.bucket, Key: s.name(key), ContentType: &contentType, ChecksumAlgorithm: s.checksum,
	})
	if err != nil {
		return 0, err
	}
	u := &upload{Store: s, key: s.name(key), id: begun.UploadId}
	total, err = u.sendAll(ctx, first, body, size)
	if err == nil {
		_, err = s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: s.bucket, Key: u.key, UploadId: u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
		})
	}
	if err == nil {
		return total, nil
	}
	abort, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	_, abortErr := s.client.AbortMultipartUpload(abort, &s3.AbortMultipartUploadInput{Bucket: s.bucket, Key: u.key, UploadId: u.id})
	return 0, errors.Join(err, abortErr)
}

// sendAll sends some parts at a time and returns once none is under way.
func (u *upload) sendAll(ctx context.Context, part []byte, body io.Reader, size int64) (total int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	places := make(chan struct{}, inFlight)
	var all sync.WaitGroup
	for last := false; ; {
		places <- struct{}{}
		if u.failed() != nil {
			break
		}
		u.mu.Lock()
		n := len(u.parts)
		u.parts = append(u.parts, types.CompletedPart{})
		u.mu.Unlock()
		content := part
		all.Go(func() {
			defer func() { <-places }()
			if err := u.send(ctx, n, content); err != nil {
				u.fail(err)
				cancel()
			}
		})
		total += int64(len(content))
		if last {
			break
		}
		if part, err = readPart(body, size); err != nil && !errors.Is(err, io.EOF) {
			u.fail(err)
			cancel()
			break
		}
		if last = err != nil; last && len(part) == 0 {
			break
		}
	}
	all.Wait()
	return total, u.failed()
}

func (u *upload) send(ctx context.Context, n int, content []byte) error {
	number := aws.Int32(int32(n) + 1) // #nosec G115 -- 10,000 at most
	done, err := u.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: number, Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content))),
		ChecksumAlgorithm: u.checksum,
	})
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.parts[n] = types.CompletedPart{PartNumber: number, ETag: done.ETag, ChecksumCRC32: done.ChecksumCRC32}
	return nil
}

func (u *upload) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil { // what comes after the first is its doing
		u.err = err
	}
}

func (u *upload) failed() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}
