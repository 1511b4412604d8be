// Package mutant plants faults on purpose, one for each build tag of its
// name, so that a test can see that the property test of consumers finds
// them. Without a tag every constant is false and the compiler leaves the
// planted code out.
package mutant
