package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"headway/internal/app/config"
	"headway/internal/platform/blob/file"
	"headway/internal/platform/blob/s3"
)

// openBlobs opens where uploaded files are kept. A bucket that cannot be
// reached just now is no error: tasks go on without it. One that refuses is.
func (p *platform) openBlobs(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if cfg.Blobs.URL == "" {
		files, err := file.Open(filepath.Join(cfg.Data, "blobs"))
		if err != nil {
			return err
		}
		p.blobs, p.closers = files, append(p.closers, files.Close)
		return nil
	}
	options, err := s3.Parse(cfg.Blobs.URL)
	if err != nil {
		return fmt.Errorf("blobs.url %w", err)
	}
	bucket, err := s3.Open(ctx, options)
	if errors.Is(err, s3.ErrAway) {
		log.Warn("the bucket of uploaded files cannot be reached; imports wait until it can", "bucket", options.Bucket, "cause", err)
		err = nil
	}
	if err != nil {
		return fmt.Errorf("blobs.url: %w", err)
	}
	p.blobs = bucket
	return nil
}
