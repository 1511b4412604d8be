package command

import (
	"context"

	"headway/internal/apperr"
)

var errUnbuilt = apperr.New(apperr.Internal, "not built")

func (s *Service) CreateWorkspace(ctx context.Context, actor Actor, in CreateWorkspace) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeWorkspace(ctx context.Context, actor Actor, in ChangeWorkspace) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) InviteMember(ctx context.Context, actor Actor, in InviteMember) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RevokeInvitation(ctx context.Context, actor Actor, in RevokeInvitation) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) AcceptInvitation(ctx context.Context, actor Actor, in AcceptInvitation) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeMember(ctx context.Context, actor Actor, in ChangeMember) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RemoveMember(ctx context.Context, actor Actor, in RemoveMember) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) AddPlaceholder(ctx context.Context, actor Actor, in AddPlaceholder) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) CreateProject(ctx context.Context, actor Actor, in CreateProject) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeProject(ctx context.Context, actor Actor, in ChangeProject) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ArchiveProject(ctx context.Context, actor Actor, in ArchiveProject) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) TrashProject(ctx context.Context, actor Actor, in TrashProject) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RestoreProject(ctx context.Context, actor Actor, in RestoreProject) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) CreateColumn(ctx context.Context, actor Actor, in CreateColumn) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeColumn(ctx context.Context, actor Actor, in ChangeColumn) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RemoveColumn(ctx context.Context, actor Actor, in RemoveColumn) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) CreateLabel(ctx context.Context, actor Actor, in CreateLabel) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeLabel(ctx context.Context, actor Actor, in ChangeLabel) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RemoveLabel(ctx context.Context, actor Actor, in RemoveLabel) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) CreateTask(ctx context.Context, actor Actor, in CreateTask) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeTask(ctx context.Context, actor Actor, in ChangeTask) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ArchiveTask(ctx context.Context, actor Actor, in ArchiveTask) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) TrashTask(ctx context.Context, actor Actor, in TrashTask) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RestoreTask(ctx context.Context, actor Actor, in RestoreTask) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) PurgeTask(ctx context.Context, actor Actor, in PurgeTask) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) AddItems(ctx context.Context, actor Actor, in AddItems) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeItem(ctx context.Context, actor Actor, in ChangeItem) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RemoveItem(ctx context.Context, actor Actor, in RemoveItem) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) AddAttachment(ctx context.Context, actor Actor, in AddAttachment) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RemoveAttachment(ctx context.Context, actor Actor, in RemoveAttachment) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) AddComment(ctx context.Context, actor Actor, in AddComment) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) ChangeComment(ctx context.Context, actor Actor, in ChangeComment) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) RemoveComment(ctx context.Context, actor Actor, in RemoveComment) (Result, error) {
	return Result{}, errUnbuilt
}

func (s *Service) Undo(ctx context.Context, actor Actor, in Undo) (UndoReport, error) {
	return UndoReport{}, errUnbuilt
}

func (s *Service) Apply(ctx context.Context, actor Actor, in ImportBatch) (ImportResult, error) {
	return ImportResult{}, errUnbuilt
}
