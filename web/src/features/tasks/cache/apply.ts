import type { QueryClient } from '@tanstack/react-query';
import { askAgain, freshen, put } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import type { Comment, Delta, HistoryEvent, Page, Removed, Workspace } from '@/shared/http/types';
import { dropTask, takeCard } from './cards';

type Row = { seq: number };

/** Puts a row into a list: in place of an older one, or at the end. */
export function upsert<T extends Row>(rows: T[], row: T, same: (other: T) => boolean): T[] {
  const at = rows.findIndex(same);
  const there = rows[at];
  if (!there) return [...rows, row];
  return there.seq > row.seq ? rows : rows.with(at, row);
}

/** Folds one row into a cached page of rows; a page that is on its way may lack it, and is asked for again. */
export function foldInto<T extends Row>(
  client: QueryClient,
  key: readonly unknown[],
  row: T,
  same: (other: T) => boolean,
): void {
  askAgain(client, key);
  put<Page<T>>(client, key, (page) => page && { ...page, items: upsert(page.items, row, same) });
}

function without<T>(client: QueryClient, key: readonly unknown[], gone: (row: T) => boolean): void {
  askAgain(client, key);
  put<Page<T>>(client, key, (page) => page && { ...page, items: page.items.filter((row) => !gone(row)) });
}

/**
 * The one map of which row touches which query. Rows are put where they are
 * shown; what a row cannot tell (counts, history, shelves) is asked again,
 * and only where somebody looks at it.
 */
export function applyDelta(client: QueryClient, w: string, delta: Delta): void {
  for (const gone of delta.removed ?? []) remove(client, w, gone, delta.seq);
  if (delta.workspace) {
    const row = delta.workspace;
    askAgain(client, keys.workspace(w));
    put<Workspace>(client, keys.workspace(w), () => row);
    foldInto(client, keys.workspaces, row, (other) => other.id === row.id);
  }
  for (const row of delta.members ?? []) {
    foldInto(client, keys.members(w), row, (other) => other.user === row.user);
  }
  for (const row of delta.projects ?? []) {
    foldInto(client, keys.projects(w), row, (other) => other.id === row.id);
  }
  for (const row of delta.labels ?? []) {
    foldInto(client, keys.labels(w), row, (other) => other.id === row.id);
  }
  for (const row of delta.tasks ?? []) takeCard(client, w, row);
  for (const row of delta.comments ?? []) {
    foldInto<Comment>(client, keys.comments(w, row.task), row, (other) => other.id === row.id);
  }
  for (const event of delta.events ?? []) touch(client, w, event);
}

function remove(client: QueryClient, w: string, gone: Removed, seq: number): void {
  const same = (row: { id: string }) => row.id === gone.id;
  if (gone.kind === 'task') dropTask(client, w, gone.id, seq);
  else if (gone.kind === 'label') without(client, keys.labels(w), same);
  else if (gone.kind === 'project') without(client, keys.projects(w), same);
  else if (gone.kind === 'member') {
    without<{ user: string }>(client, keys.members(w), (row) => row.user === gone.id);
  } else if (gone.kind === 'comment') {
    for (const [key] of client.getQueriesData({ queryKey: ['workspace', w, 'comments'] })) {
      without(client, key, same);
    }
  }
}

/** Which answers an event makes stale, by the first word of its type. */
function touch(client: QueryClient, w: string, event: HistoryEvent): void {
  const stale = (queryKey: readonly unknown[]) => freshen(client, queryKey);
  const [what] = event.type.split('.');
  if (what === 'task' || what === 'checklist' || what === 'attachment' || what === 'comment') {
    stale(keys.history(w, event.entity));
    if (what !== 'comment') staleTask(client, w, event);
  }
  if (what === 'task' && event.type !== 'task.changed') {
    if (event.scope) stale(keys.counts(w, event.scope));
    const from = (event.data.project as { from?: string } | undefined)?.from;
    if (typeof from === 'string') stale(keys.counts(w, from));
    stale(['workspace', w, 'shelf']);
  }
  if (what === 'invitation') stale(keys.invitations(w));
  if (event.scope) stale(keys.activity(w, event.scope));
}

/** A card says nothing of description and checklist: a task that is open is read again, if older. */
function staleTask(client: QueryClient, w: string, event: HistoryEvent): void {
  const key = keys.task(w, event.entity);
  const read = detailSeq.get(event.entity) ?? 0;
  if (client.getQueryState(key) && read < event.seq) freshen(client, key);
}

/** The seq up to which a task's own page has been read, by its id. */
export const detailSeq = new Map<string, number>();
