package servers

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
)

// Outside is whoever starts servers outside of a test: what is started in Run
// ends when Run does.
type Outside struct {
	ctx    context.Context //nolint:containedctx // as a test has one
	folder string

	mu       sync.Mutex
	cleanups []func()
	failed   string
}

var _ T = (*Outside)(nil)

// NewOutside answers one whose work ctx bounds, with folders of its own in
// folder, "" where the system has its temporary ones.
func NewOutside(ctx context.Context, folder string) *Outside {
	return &Outside{ctx: ctx, folder: folder}
}

// Run runs work, which a Fatal ends, and then what it left to clean up, the last first.
func (o *Outside) Run(work func()) {
	ended := make(chan struct{})
	go func() { // of its own, so that Fatal can end it
		defer close(ended)
		work()
	}()
	<-ended
	for {
		o.mu.Lock()
		if len(o.cleanups) == 0 {
			o.mu.Unlock()
			return
		}
		last := o.cleanups[len(o.cleanups)-1]
		o.cleanups = o.cleanups[:len(o.cleanups)-1]
		o.mu.Unlock()
		last()
	}
}

// Helper implements T.
func (o *Outside) Helper() {}

// Context implements T.
func (o *Outside) Context() context.Context { return o.ctx }

// Cleanup implements T.
func (o *Outside) Cleanup(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cleanups = append(o.cleanups, f)
}

// TempDir implements T.
func (o *Outside) TempDir() string {
	folder, err := os.MkdirTemp(o.folder, "headway-servers-")
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			o.Error(err)
		}
	})
	return folder
}

// Failed implements T.
func (o *Outside) Failed() bool { return o.Failure() != "" }

// Failure answers what failed first, "" where nothing did.
func (o *Outside) Failure() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

// Logf implements T.
func (o *Outside) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Error implements T.
func (o *Outside) Error(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == "" {
		o.failed = fmt.Sprintln(args...)
	}
}

// Fatal implements T.
func (o *Outside) Fatal(args ...any) {
	o.Error(args...)
	runtime.Goexit()
}

// Fatalf implements T.
func (o *Outside) Fatalf(format string, args ...any) { o.Fatal(fmt.Sprintf(format, args...)) }
