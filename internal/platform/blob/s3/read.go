package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"headway/internal/platform/blob"
)

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, key string, part blob.Range) (io.ReadCloser, blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, blob.Info{}, err
	}
	if _, _, err := part.Within(math.MaxInt64); err != nil {
		return nil, blob.Info{}, err
	}
	input := &s3.GetObjectInput{Bucket: s.bucket, Key: s.name(key)}
	switch {
	case part.Length > 0 && part.Length < math.MaxInt64-part.Offset:
		input.Range = aws.String(fmt.Sprintf("bytes=%d-%d", part.Offset, part.Offset+part.Length-1))
	case part.Offset > 0:
		input.Range = aws.String(fmt.Sprintf("bytes=%d-", part.Offset))
	}
	out, err := s.client.GetObject(ctx, input)
	err = wrap("get", err)
	if errors.Is(err, blob.ErrRange) && part.Offset == 0 {
		// An empty object has no first byte; all of it is what is wanted.
		input.Range = nil
		out, err = s.client.GetObject(ctx, input)
		err = wrap("get", err)
	}
	if err != nil {
		return nil, blob.Info{}, err
	}
	info := blob.Info{Key: key, Size: aws.ToInt64(out.ContentLength), ContentType: aws.ToString(out.ContentType), Modified: aws.ToTime(out.LastModified).UTC()}
	if out.ContentRange != nil { // bytes FROM-TO/SIZE
		_, size, _ := strings.Cut(*out.ContentRange, "/")
		if info.Size, err = strconv.ParseInt(size, 10, 64); err != nil {
			return nil, blob.Info{}, errors.Join(fmt.Errorf("blob/s3: get: the server answered the range %q", *out.ContentRange), out.Body.Close())
		}
	}
	return out.Body, info, nil
}

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: s.bucket, Key: s.name(key)})
	if err != nil {
		return blob.Info{}, wrap("stat", err)
	}
	return blob.Info{Key: key, Size: aws.ToInt64(out.ContentLength), ContentType: aws.ToString(out.ContentType), Modified: aws.ToTime(out.LastModified).UTC()}, nil
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) ([]blob.Info, error) {
	if err := blob.CheckPrefix(prefix); err != nil {
		return nil, err
	}
	if err := blob.CheckPrefix(after); err != nil {
		return nil, err
	}
	input := &s3.ListObjectsV2Input{Bucket: s.bucket, Prefix: s.name(prefix)}
	if after != "" {
		input.StartAfter = s.name(after)
	}
	var found []blob.Info
	for len(found) < limit {
		input.MaxKeys = aws.Int32(int32(min(limit-len(found), 1000))) // #nosec G115 -- up to 1,000
		out, err := s.client.ListObjectsV2(ctx, input)
		if err != nil {
			return nil, wrap("list", err)
		}
		for _, o := range out.Contents {
			key := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
			if blob.CheckKey(key) == nil { // somebody else's, or the mark of a folder
				found = append(found, blob.Info{Key: key, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified).UTC()})
			}
		}
		if !aws.ToBool(out.IsTruncated) {
			break
		}
		input.ContinuationToken = out.NextContinuationToken
	}
	return found, nil
}

// SignGet implements blob.Signer.
func (s *Store) SignGet(ctx context.Context, key string, valid time.Duration, filename string) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	if err := blob.CheckValid(valid); err != nil {
		return "", err
	}
	input := &s3.GetObjectInput{Bucket: s.bucket, Key: s.name(key)}
	if filename != "" {
		input.ResponseContentDisposition = aws.String(mime.FormatMediaType("attachment", map[string]string{"filename": filename}))
	}
	signed, err := s.sign.PresignGetObject(ctx, input, s3.WithPresignExpires(valid))
	if err != nil {
		return "", wrap("sign", err)
	}
	return signed.URL, nil
}

// SignPut implements blob.Signer.
func (s *Store) SignPut(ctx context.Context, key string, valid time.Duration, contentType string, size int64) (blob.SignedRequest, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.SignedRequest{}, err
	}
	if err := blob.CheckValid(valid); err != nil {
		return blob.SignedRequest{}, err
	}
	contentType, err := blob.CheckContentType(contentType)
	if err != nil {
		return blob.SignedRequest{}, err
	}
	if size <= 0 {
		return blob.SignedRequest{}, fmt.Errorf("%w: the size must be positive", blob.ErrInvalid)
	}
	signed, err := s.sign.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: s.bucket, Key: s.name(key), ContentType: &contentType, ContentLength: &size,
	}, s3.WithPresignExpires(valid))
	if err != nil {
		return blob.SignedRequest{}, wrap("sign", err)
	}
	header := http.Header{}
	for name, values := range signed.SignedHeader {
		if name != "Host" && name != "Content-Length" { // the client's own doing
			header[name] = values
		}
	}
	header.Set("Content-Type", contentType)
	return blob.SignedRequest{Method: signed.Method, URL: signed.URL, Header: header}, nil
}
