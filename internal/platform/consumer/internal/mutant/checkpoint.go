//go:build !mutant_checkpoint

package mutant

// CheckpointFirst commits the checkpoint before the effect, so that a crash in between loses the effect.
const CheckpointFirst = false
