import { generateKeyBetween } from 'fractional-indexing';
import type { Project } from '@/shared/http/types';
import { byPosition, positionAt } from '../cache/order';
import { changeTask } from '../commands/tasks';
import { taskKey } from '../queries';
import { type Drag, others } from './drag';

/** Moves the card where it was dropped. Dropped where it was, nothing happens. */
export function drop(workspace: string, project: Project, drag: Drag): void {
  const { card, column, index } = drag;
  const rows = others(column, card);
  if (column === card.column) {
    const was = rows.filter((other) => byPosition(other, card) < 0).length;
    if (was === index) return;
  }
  const position = positionAt(rows, index) || generateKeyBetween(rows.at(-1)?.position ?? null, null);
  const name = project.columns.find((other) => other.id === column)?.name ?? '';
  const key = taskKey(project, card);
  const moved = column !== card.column;
  void changeTask(
    workspace,
    card,
    moved ? { column, position } : { position },
    moved ? `${key} moved to ${name}` : `${key} moved`,
    moved ? `${key} moved to ${name}` : `${key} moved in ${name}`,
  );
}
