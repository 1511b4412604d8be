//go:build !mutant_publish

package mutant

// TellFirst tells live streams of a commit before it is made, so that they hear of what never was.
const TellFirst = false
