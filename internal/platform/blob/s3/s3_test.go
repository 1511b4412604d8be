package s3_test

import (
	"strings"
	"testing"

	"headway/internal/platform/blob/s3"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]s3.Options{
		"s3://bucket":                  {Bucket: "bucket"},
		"s3://bucket/":                 {Bucket: "bucket"},
		"s3://bucket/head/way/":        {Bucket: "bucket", Prefix: "head/way/"},
		"s3://bucket?region=eu-west-1": {Bucket: "bucket", Region: "eu-west-1"},
		"s3://bucket?path_style=true&endpoint=https%3A%2F%2Fminio.example.org%3A9000&checksums=none": {
			Bucket: "bucket", Endpoint: "https://minio.example.org:9000", PathStyle: true, NoChecksums: true,
		},
	} {
		if got, err := s3.Parse(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                                 "must be s3://",
		"file:/x":                          "must be s3://",
		"s3:bucket":                        "must be s3://",
		"s3://key:secret@bucket":           "credentials come from the environment",
		"s3://bucket/Upper":                "prefix",
		"s3://bucket?regoin=x":             `an option "regoin"`,
		"s3://bucket?path_style=perhaps":   "path_style",
		"s3://bucket?endpoint=example.org": "endpoint",
		"s3://bucket?checksums=some":       "checksums",
	} {
		if _, err := s3.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: answered %v, want it to tell of %s", text, err, want)
		}
	}
}
