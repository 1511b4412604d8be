package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// once measures what is measured once a run: live streams and the import.
func (s *session) once(ctx context.Context) error {
	if err := s.client.signIn(false); err != nil {
		return err
	}
	last := min(10*time.Second, 10*s.window)
	if strings.Contains("live", s.only) {
		var err error
		workspaces := max(1, s.streams/20)
		progress("live: %d streams on %d workspaces", s.streams, workspaces)
		if s.single.live, err = s.liveTrial(ctx, workspaces, last); err != nil {
			return fmt.Errorf("live: %w", err)
		}
		progress("live: %d streams on one workspace", s.streams)
		if s.single.crowd, err = s.liveTrial(ctx, 1, last); err != nil {
			return fmt.Errorf("live, one workspace: %w", err)
		}
	}
	if strings.Contains("import", s.only) {
		progress("importing %s", mega(s.export))
		var err error
		if s.single.imported, err = s.importTrial(ctx); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	return nil
}
