//go:build servers

package importer_test

import (
	"testing"

	"headway/internal/platform/blob"
	"headway/internal/platform/blob/s3"
	"headway/test/servers"
)

// TestImportsOnS3 is what processes share, over a bucket.
func TestImportsOnS3(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", servers.S3AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", servers.S3SecretKey)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	server := servers.S3(t)
	for name, test := range map[string]func(*testing.T, blob.Store){"any process answers": anyProcessAnswers, "taken over": takenOver} {
		t.Run(name, func(t *testing.T) {
			options, err := s3.Parse(server.URL(server.Bucket(t)))
			if err != nil {
				t.Fatal(err)
			}
			bucket, err := s3.Open(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			test(t, bucket)
		})
	}
}
