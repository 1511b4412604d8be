package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadlineEndsAsAContextDoes(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]bool{"waited for": true, "asked only": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				open := func(parent context.Context) *deadline {
					d := withDeadline(parent, time.Now().Add(time.Minute))
					if waits {
						select {
						case <-d.Done():
							t.Error("it is over at once")
						default:
						}
					}
					if err := d.Err(); err != nil {
						t.Errorf("it begins with %v", err)
					}
					return d
				}
				late := open(t.Context())
				time.Sleep(time.Minute)
				synctest.Wait()
				if !errors.Is(late.Err(), context.DeadlineExceeded) {
					t.Errorf("late: %v", late.Err())
				}
				<-late.Done()
				late.stop()

				stopped := open(t.Context())
				child, cancel := context.WithCancel(stopped)
				defer cancel()
				stopped.stop()
				if !errors.Is(stopped.Err(), context.Canceled) {
					t.Errorf("stopped: %v", stopped.Err())
				}
				<-stopped.Done()
				<-child.Done()

				parent, leave := context.WithCancel(context.WithValue(t.Context(), deadlineKey{}, "kept"))
				left := open(parent)
				leave()
				synctest.Wait()
				if !errors.Is(left.Err(), context.Canceled) || left.Value(deadlineKey{}) != "kept" {
					t.Errorf("left: %v, %v", left.Err(), left.Value(deadlineKey{}))
				}
				<-left.Done()
				left.stop()
			})
		})
	}
}

type deadlineKey struct{}

func TestTheEarlierDeadlineCounts(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Second)
	parent, cancel := context.WithDeadline(t.Context(), soon)
	defer cancel()
	d := withDeadline(parent, soon.Add(time.Hour))
	defer d.stop()
	if at, ok := d.Deadline(); !ok || !at.Equal(soon) {
		t.Errorf("the deadline is %v, %v", at, ok)
	}
}
