package servers

import "context"

// T is whoever starts servers and outlives them: a test, or a program by Outside.
// Its methods are those of testing.TB of the same names.
type T interface {
	Helper()
	Context() context.Context
	TempDir() string
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Error(args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}
