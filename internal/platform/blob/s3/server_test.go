//go:build servers

package s3_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"headway/internal/platform/blob"
	"headway/internal/platform/blob/blobtest"
	"headway/internal/platform/blob/s3"
	"headway/test/servers"
)

// options are those of a new bucket, reached as the URL says.
func options(t *testing.T, server *servers.S3Server, further string) s3.Options {
	t.Helper()
	o, err := s3.Parse(server.URL(server.Bucket(t)) + further)
	if err != nil {
		t.Fatal(err)
	}
	o.PartBytes = 5 << 20
	return o
}

func open(t *testing.T, o s3.Options) *s3.Store {
	t.Helper()
	s, err := s3.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func environment(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", servers.S3AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", servers.S3SecretKey)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestConformance(t *testing.T) {
	environment(t)
	server := servers.S3(t)
	for name, further := range map[string]string{"with checksums": "", "without checksums": "&checksums=none"} {
		t.Run(name, func(t *testing.T) {
			blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, options(t, server, further)) }, blobtest.KeysAreFiles)
		})
	}
	t.Run("below a prefix", func(t *testing.T) {
		blobtest.Run(t, func(t *testing.T) blob.Store {
			o := options(t, server, "")
			o.Prefix = "some/where/"
			return open(t, o)
		}, blobtest.KeysAreFiles)
	})
	keys := servers.S3InMemory(t)
	t.Run("by keys", func(t *testing.T) {
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, options(t, keys, "&checksums=none")) }, blobtest.BelievesEverybody)
	})
}

func TestNoPartsAreLeftOfWhatFailed(t *testing.T) {
	environment(t)
	server := servers.S3(t)
	s := open(t, options(t, server, ""))
	broken := errors.New("the line broke")
	body := io.MultiReader(bytes.NewReader(make([]byte, 11<<20)), failing{broken})
	if _, err := s.Put(t.Context(), "key", body, blob.PutOptions{MaxBytes: 1 << 30}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	bucket := "bucket-1"
	left, err := s.Client().ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil || len(left.Uploads) != 0 {
		t.Errorf("%d uploads are left, %v", len(left.Uploads), err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestOthersObjectsAreNotListed(t *testing.T) {
	environment(t)
	server := servers.S3(t)
	o := options(t, server, "")
	outer := open(t, o)
	o.Prefix = "mine/"
	inner := open(t, o)
	for key, s := range map[string]*s3.Store{"a": outer, "z": outer, "b/c": inner} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x"), blob.PutOptions{MaxBytes: 1}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := inner.List(t.Context(), "", "", 10)
	if err != nil || len(list) != 1 || list[0].Key != "b/c" {
		t.Errorf("listed %+v, %v", list, err)
	}
}

func TestABucketThatIsNotThereIsSaidAtOnce(t *testing.T) {
	environment(t)
	o := options(t, servers.S3(t), "")
	o.Bucket = "no-such-bucket"
	if _, err := s3.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "no-such-bucket") {
		t.Errorf("answered %v", err)
	}
}

func TestAServerThatComesBack(t *testing.T) {
	environment(t)
	server := servers.S3(t)
	s := open(t, options(t, server, ""))
	server.Kill()
	if _, err := s.Put(t.Context(), "key", strings.NewReader("x"), blob.PutOptions{MaxBytes: 1}); err == nil {
		t.Error("a blob was put on a server that is gone")
	}
	server.Start(t)
	if _, err := s.Put(t.Context(), "key", strings.NewReader("x"), blob.PutOptions{MaxBytes: 1}); err != nil {
		t.Error(err)
	}
}
