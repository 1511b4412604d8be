package servers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
)

// S3Server speaks the S3 protocol.
type S3Server struct {
	*Process
	folder string // whose folders are its buckets, or "" where it makes them by itself
	next   atomic.Int64
}

// The credentials and the region of S3Server.
const (
	S3AccessKey = "headway-test"
	S3SecretKey = "headway-test-secret"
	S3Region    = "eu-central-1"
)

// S3 starts a server over a folder, without a bucket. It checks signatures and
// checksums as Amazon's does; as its objects are files it cannot have both a
// and a/b.
func S3(t T) *S3Server {
	t.Helper()
	program := tool(t, "versitygw")
	s := &S3Server{folder: t.TempDir()}
	s.Process = start(t, spec{
		name: "the S3 server",
		command: func(addr string) (string, []string) {
			return program, []string{"--port", addr, "--region", S3Region, "--health", "/health", "--quiet", "posix", s.folder}
		},
		env: []string{"ROOT_ACCESS_KEY=" + S3AccessKey, "ROOT_SECRET_KEY=" + S3SecretKey},
		ready: func(ctx context.Context, addr string) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/health", nil)
			if err != nil {
				return err
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return errors.New(resp.Status)
			}
			return nil
		},
	})
	return s
}

// S3InMemory starts a server that keeps objects in memory, by their keys
// alone. It believes whoever asks.
func S3InMemory(t T) *S3Server {
	t.Helper()
	program := tool(t, "fakes3")
	return &S3Server{Process: start(t, spec{
		name:    "the S3 server in memory",
		command: func(addr string) (string, []string) { return program, []string{"-listen", addr} },
		ready:   accepts,
	})}
}

// Bucket makes an empty bucket and answers its name.
func (s *S3Server) Bucket(t T) string {
	t.Helper()
	name := "bucket-" + strconv.FormatInt(s.next.Add(1), 10)
	if s.folder == "" {
		return name
	}
	if err := os.Mkdir(filepath.Join(s.folder, name), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// URL is how a client reaches a bucket.
func (s *S3Server) URL(bucket string) string {
	return "s3://" + bucket + "?" + url.Values{"endpoint": {"http://" + s.Addr}, "region": {S3Region}, "path_style": {"true"}}.Encode()
}
