package repeat_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"headway/internal/platform/repeat"
)

func TestEvery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var at []time.Duration
		repeat.Every(ctx, time.Second, func(context.Context) {
			if at = append(at, time.Since(began)); len(at) == 3 {
				cancel()
			}
		})
		if want := []time.Duration{0, time.Second, 2 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("called at %v, want %v", at, want)
		}
	})
}

func TestWatchedTellsOfChangesAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		away := errors.New("away")
		answers := []error{nil, away, away, nil, nil, away}
		var told []error
		repeat.Watched(ctx, time.Second, func(context.Context) error {
			if len(answers) == 0 {
				cancel()
				return nil // not told of: it ends
			}
			err := answers[0]
			answers = answers[1:]
			return err
		}, func(err error) { told = append(told, err) })
		if want := []error{away, nil, away}; !slices.Equal(told, want) {
			t.Errorf("told of %v, want %v", told, want)
		}
	})
}

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if !repeat.Pause(t.Context(), time.Second) || time.Since(began) != time.Second {
			t.Errorf("a pause of a second ended after %v", time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if repeat.Pause(ctx, time.Hour) || time.Since(began) != 2*time.Second {
			t.Errorf("a pause that was cut off ended after %v", time.Since(began))
		}
	})
}
