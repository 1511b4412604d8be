//go:build !mutant_fence

package mutant

// Unfenced moves a checkpoint wherever it is, without the compare-and-set that keeps late processes out.
const Unfenced = false
