import { refused } from '@/features/tasks/commands/failure';
import type { Answer } from '@/shared/http/client';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { send } from '@/shared/live/outbox';
import { inbox, type Notice } from './endpoints';
import { type Mark, show } from './notices';

/** Shows a mark at once and sends it after all that waits; refused, reads the inbox again. */
async function mark(
  what: string,
  change: Mark,
  count: (before: number) => number,
  ask: () => Promise<Answer<{ unread: number }>>,
): Promise<void> {
  const settle = show(change, count);
  try {
    const { data } = await send(what, ask);
    settle(data.unread);
  } catch (error) {
    settle();
    void queryClient.invalidateQueries({ queryKey: keys.inbox });
    refused(what, error);
  }
}

/** Marks a notice as read or as not read. */
export function markOne(notice: Notice, read: boolean): Promise<void> {
  if (notice.read === read) return Promise.resolve();
  return mark(
    read ? 'A notice marked as read' : 'A notice marked as unread',
    (row) => (row.id === notice.id ? { ...row, read } : row),
    (before) => before + (read ? -1 : 1),
    () => inbox.mark([notice.id], read),
  );
}

/** Marks a notice and all that are older as read; those that came after it stay as they are. */
export function markAll(newest: Notice): Promise<void> {
  return mark(
    'Notices marked as read',
    (row) => (row.at <= newest.at ? { ...row, read: true } : row),
    () => 0,
    () => inbox.markUpTo(newest.id),
  );
}
