import type { QueryClient } from '@tanstack/react-query';
import { put } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import type { Card, Task } from '@/shared/http/types';
import { type ColumnCards, dropCard, foldCard } from './columns';
import { over } from './overlay';
import { remember } from './recent';

type Column = readonly ['workspace', string, 'column', string, string];

/** Shows a card wherever it is loaded: in its column, out of all others, on its own page. */
export function showCard(client: QueryClient, workspace: string, card: Card, force = false): void {
  for (const [key, data] of client.getQueriesData<ColumnCards>({ queryKey: keys.columns(workspace) })) {
    const [, , , project, column] = key as unknown as Column;
    if (!data) continue;
    const next =
      project === card.project ? foldCard(data, column, card, force) : dropIfOlder(data, card, force);
    if (next !== data) put(client, key, () => next);
  }
  put<Task>(client, keys.task(workspace, card.id), (task) =>
    task && (force || task.seq <= card.seq) ? { ...task, ...card } : task,
  );
}

function dropIfOlder(data: ColumnCards, card: Card, force: boolean): ColumnCards {
  const there = data.cards.find((other) => other.id === card.id);
  return there && (force || there.seq <= card.seq) ? dropCard(data, card.id) : data;
}

/**
 * Takes in a card from the server: an answer to a change, or from the live
 * stream. One that is older than what came before changes nothing.
 */
export function takeCard(client: QueryClient, workspace: string, card: Card): void {
  if (!remember(workspace, card.id, card.seq, card)) return;
  const shown = over(card);
  showCard(client, workspace, shown, shown !== card);
}

/** Takes a task out of everything: it was deleted for good, or is out of reach now. */
export function dropTask(client: QueryClient, workspace: string, id: string, seq: number): void {
  remember(workspace, id, seq, null);
  for (const [key, data] of client.getQueriesData<ColumnCards>({ queryKey: keys.columns(workspace) })) {
    if (data) put(client, key, () => dropCard(data, id));
  }
  client.removeQueries({ queryKey: keys.task(workspace, id) });
}

/** Finds a card that is loaded anywhere. */
export function findCard(client: QueryClient, workspace: string, id: string): Card | null {
  for (const [, data] of client.getQueriesData<ColumnCards>({ queryKey: keys.columns(workspace) })) {
    const hit = data?.cards.find((card) => card.id === id);
    if (hit) return hit;
  }
  return client.getQueryData<Task>(keys.task(workspace, id)) ?? null;
}

/** The card part of a task, so that lists do not hold what only its page shows. */
export function cardOf(task: Task): Card {
  const { description: _d, items: _i, attachmentLinks: _a, ...card } = task;
  return card;
}

/** Adds to how many live tasks a column holds, until the server counts again. */
export function shiftCount(
  client: QueryClient,
  workspace: string,
  project: string,
  column: string,
  by: number,
): void {
  put<{ columns: Record<string, number> }>(client, keys.counts(workspace, project), (counts) =>
    counts
      ? { columns: { ...counts.columns, [column]: Math.max(0, (counts.columns[column] ?? 0) + by) } }
      : counts,
  );
}
