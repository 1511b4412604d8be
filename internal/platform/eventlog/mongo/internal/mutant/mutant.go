// Package mutant plants a fault on purpose, where the build tag of its name
// asks for it, so that a test can see that the schedules of faults in
// test/faults/schedule find it. Without the tag the constant is false and the
// compiler leaves the planted code out.
package mutant
