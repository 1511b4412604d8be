// Package s3 keeps blobs in a bucket of Amazon S3, or of what speaks its protocol.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"headway/internal/platform/blob"
)

// Options say which bucket it is. Credentials are found as every AWS tool
// finds them: environment, shared files, the role of the task or machine.
type Options struct {
	// Bucket must be there already.
	Bucket string
	// Prefix begins the name of every object, "" or such as "headway/".
	Prefix string
	// Region of the bucket; "" leaves it to the environment.
	Region string
	// Endpoint is the URL of a server other than Amazon's, or "".
	Endpoint string
	// PathStyle asks for HOST/BUCKET/KEY instead of BUCKET.HOST/KEY, as most other servers want it.
	PathStyle bool
	// NoChecksums leaves out the checksums that Amazon S3 checks every
	// upload by, for servers that do not know them.
	NoChecksums bool
	// PartBytes is the size of the parts of a large upload, each held in
	// memory while it is sent; 0 is 8 MiB. Servers want 5 MiB at least.
	PartBytes int
}

// Parse reads Options of s3://BUCKET/PREFIX?region=…&endpoint=…&path_style=true&checksums=none.
func Parse(text string) (Options, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return Options{}, errors.New("must be s3://BUCKET/PREFIX, and has no user name or password: credentials come from the environment")
	}
	o := Options{Bucket: u.Host}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		if err := blob.CheckKey(prefix); err != nil {
			return Options{}, fmt.Errorf("has a prefix that cannot begin a key: %w", err)
		}
		o.Prefix = prefix + "/"
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Options{}, errors.New("has a query that cannot be read")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "region":
			o.Region = value
		case "endpoint":
			e, err := url.Parse(value)
			if err != nil || (e.Scheme != "https" && e.Scheme != "http") || e.Host == "" {
				return Options{}, errors.New("has an endpoint that is not the URL of a server")
			}
			o.Endpoint = value
		case "path_style":
			if o.PathStyle, err = strconv.ParseBool(value); err != nil {
				return Options{}, errors.New("has a path_style that is neither true nor false")
			}
		case "checksums":
			if value != "none" && value != "all" {
				return Options{}, errors.New("has checksums that are neither all nor none")
			}
			o.NoChecksums = value == "none"
		default:
			return Options{}, fmt.Errorf("has an option %q; there are region, endpoint, path_style and checksums", name)
		}
	}
	return o, nil
}

// Store keeps blobs in a bucket. It is safe for concurrent use.
type Store struct {
	client *s3.Client
	sign   *s3.PresignClient
	bucket *string
	prefix string
	part   int
	// checksum is what the parts of an upload are checked by; the library
	// chooses the same for what is sent at once.
	checksum types.ChecksumAlgorithm
}

var _ blob.Signer = (*Store)(nil)

// ErrAway says that the server did not answer, or only that it cannot at the moment.
var ErrAway = errors.New("blob/s3: the server cannot be reached at the moment")

// Open finds credentials and sees that the bucket is there. Where it cannot be
// reached just now the store is answered with ErrAway, which it may outlive.
func Open(ctx context.Context, o Options) (*Store, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = time.Minute // a server that hangs is tried again
		t.MaxIdleConnsPerHost = 32
	})
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(client)}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if o.NoChecksums {
		load = append(load, config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
			config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("blob/s3: find the settings: %w", err)
	}
	s := &Store{bucket: &o.Bucket, prefix: o.Prefix, part: o.PartBytes}
	s.client = s3.NewFromConfig(cfg, func(options *s3.Options) {
		options.UsePathStyle = o.PathStyle
		options.DisableLogOutputChecksumValidationSkipped = true // not every object has one
		if o.Endpoint != "" {
			options.BaseEndpoint = &o.Endpoint
		}
	})
	s.sign = s3.NewPresignClient(s.client)
	if !o.NoChecksums {
		s.checksum = types.ChecksumAlgorithmCrc32
	}
	if s.part <= 0 {
		s.part = 8 << 20
	}
	return s, s.check(ctx, cfg.Credentials, cfg.Region)
}

// checkTimeout bounds the look for the bucket.
const checkTimeout = 15 * time.Second

// check sees that the bucket is there and may be used. What it answers says in one sentence what to change.
func (s *Store) check(ctx context.Context, credentials aws.CredentialsProvider, region string) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	bucket := *s.bucket
	if region == "" {
		return errors.New("blob/s3: no region is known; name it in the address, ?region=REGION, or in AWS_REGION")
	}
	if _, err := credentials.Retrieve(ctx); err != nil {
		return errors.New("blob/s3: no credentials are found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine, pod or task a role")
	}
	// Not HeadBucket, whose answer has no body to say what is wrong.
	_, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: s.bucket, MaxKeys: aws.Int32(1)})
	word, status := codes(err)
	switch {
	case err == nil:
		return nil
	case word == "NoSuchBucket":
		return fmt.Errorf("blob/s3: there is no bucket %s in %s; make it, or correct the address", bucket, region)
	case word == "AuthorizationHeaderMalformed" || word == "PermanentRedirect" || word == "TemporaryRedirect" || status/100 == 3:
		return fmt.Errorf("blob/s3: the bucket %s is not in the region %s; correct ?region= in the address", bucket, region)
	case status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
		return fmt.Errorf("blob/s3: the credentials may not use the bucket %s (%s); check the key, its secret and its policy", bucket, word)
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}

func (s *Store) name(key string) *string { return aws.String(s.prefix + key) }

// wrap says what was being done, and answers the port's errors.
func wrap(what string, err error) error {
	switch code, status := codes(err); {
	case err == nil:
		return nil
	case code == "NoSuchKey" || code == "NotFound":
		return blob.ErrNotFound
	case code == "InvalidRange" || status == http.StatusRequestedRangeNotSatisfiable:
		return blob.ErrRange
	}
	return fmt.Errorf("blob/s3: %s: %w", what, err)
}

// codes are those of an answer of the server: S3's word and HTTP's number.
func codes(err error) (word string, status int) {
	var api smithy.APIError
	if errors.As(err, &api) {
		word = api.ErrorCode()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	return word, status
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: s.bucket, Key: s.name(key)})
	if err = wrap("delete", err); errors.Is(err, blob.ErrNotFound) {
		return nil // some servers say so
	}
	return err
}
