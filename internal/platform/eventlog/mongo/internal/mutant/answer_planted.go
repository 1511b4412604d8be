//go:build mutant_answer

package mutant

// AnswerFirst answers a commit before it is made, so that one that fails is lost.
const AnswerFirst = true
