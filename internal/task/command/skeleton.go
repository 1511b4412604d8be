package command

import (
	"context"

	"headway/internal/apperr"
)

var errUnbuilt = apperr.New(apperr.Internal, "not built")

func (s *Service) Undo(ctx context.Context, actor Actor, in Undo) (UndoReport, error) {
	return UndoReport{}, errUnbuilt
}

func (s *Service) Apply(ctx context.Context, actor Actor, in ImportBatch) (ImportResult, error) {
	return ImportResult{}, errUnbuilt
}
