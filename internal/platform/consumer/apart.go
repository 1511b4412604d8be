package consumer

import (
	"context"

	"headway/internal/platform/consumer/internal/mutant"
)

// Apart keeps checkpoints for a consumer whose effects go elsewhere than the
// checkpoints: the effect runs first, and the checkpoint moves after it. A
// process that dies in between has it run again; see Effect for what that asks of it.
func Apart(c Checkpoints) Checkpoints { return apart{c} }

type apart struct{ Checkpoints }

type apartTx struct {
	generation uint64
	hooks      []func()
}

// Together implements Tx.
func (*apartTx) Together() bool { return false }

// Generation implements Tx.
func (tx *apartTx) Generation() uint64 { return tx.generation }

// OnCommit implements Tx.
func (tx *apartTx) OnCommit(fn func()) {
	if mutant.TellFirst {
		fn()
		return
	}
	tx.hooks = append(tx.hooks, fn)
}

// run has the effect, then the commit, then what others are told.
func run(ctx context.Context, generation uint64, effect Effect, commit func() error) error {
	tx := &apartTx{generation: generation}
	if mutant.CheckpointFirst {
		if err := commit(); err != nil {
			return err
		}
		commit = func() error { return nil }
	}
	if effect != nil {
		if err := effect(ctx, tx); err != nil {
			return err
		}
	}
	if err := commit(); err != nil {
		return err
	}
	for _, fn := range tx.hooks {
		fn()
	}
	return nil
}

// Commit implements Checkpoints.
func (a apart) Commit(ctx context.Context, move Move, effect Effect) error {
	return run(ctx, move.Generation, effect, func() error { return a.Checkpoints.Commit(ctx, move, nil) })
}

// EndReset implements Checkpoints.
func (a apart) EndReset(ctx context.Context, consumer string, generation uint64, effect Effect) error {
	return run(ctx, generation, effect, func() error { return a.Checkpoints.EndReset(ctx, consumer, generation, nil) })
}

// Release implements Checkpoints.
func (a apart) Release(ctx context.Context, consumer string, generation uint64, place Place, effect Effect) error {
	return run(ctx, generation, effect, func() error { return a.Checkpoints.Release(ctx, consumer, generation, place, nil) })
}
