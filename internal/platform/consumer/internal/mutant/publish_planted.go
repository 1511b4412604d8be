//go:build mutant_publish

package mutant

// TellFirst tells others of an effect before it is committed.
const TellFirst = true
