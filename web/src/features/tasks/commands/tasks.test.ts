import { beforeEach, describe, expect, it } from 'vitest';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { signedIn } from '@/shared/http/session';
import { clearOutbox, useOutbox } from '@/shared/live/outbox';
import { useToasts } from '@/shared/ui/toasts';
import { card, task } from '@/testing/rows';
import { serve, signed } from '@/testing/server';
import type { ColumnCards } from '../cache/columns';
import { clearOverlay } from '../cache/overlay';
import { clearRecent } from '../cache/recent';
import { changeTask, createTask } from './tasks';

const open = keys.column('w', 'p1', 'open');
const done = keys.column('w', 'p1', 'done');
const titles = (key: readonly unknown[]) =>
  queryClient.getQueryData<ColumnCards>(key)?.cards.map((row) => row.title);

beforeEach(() => {
  queryClient.clear();
  clearOutbox();
  clearOverlay();
  clearRecent();
  signedIn(signed);
  useToasts.setState({ toasts: [] });
  queryClient.setQueryData<ColumnCards>(open, { cards: [card()], next: null });
  queryClient.setQueryData<ColumnCards>(done, { cards: [], next: null });
  queryClient.setQueryData(keys.counts('w', 'p1'), { columns: { open: 1, done: 0 } });
});

describe('changeTask', () => {
  it('moves a card at once and offers to undo it', async () => {
    serve(() => ({ body: task({ column: 'done', seq: 2 }), headers: { 'Headway-Seq': '2' } }));
    const moved = changeTask('w', card(), { column: 'done', position: 'a0' }, 'Move', 'WEB-1 moved to Done');
    expect(titles(open)).toEqual([]);
    expect(titles(done)).toEqual(['Write it down']);
    expect(queryClient.getQueryData(keys.counts('w', 'p1'))).toEqual({ columns: { open: 0, done: 1 } });
    await moved;
    expect(useToasts.getState().toasts[0]).toMatchObject({
      text: 'WEB-1 moved to Done',
      action: { label: 'Undo' },
    });
  });

  it('goes back and says why when the server refuses', async () => {
    serve(() => ({ status: 409, body: { title: 'Conflict', detail: 'That column is gone.' } }));
    await changeTask('w', card(), { column: 'done', position: 'a0' }, 'WEB-1 moved to Done');
    expect(titles(open)).toEqual(['Write it down']);
    expect(titles(done)).toEqual([]);
    expect(queryClient.getQueryData(keys.counts('w', 'p1'))).toEqual({ columns: { open: 1, done: 0 } });
    expect(useToasts.getState().toasts[0]?.text).toBe('Not saved: WEB-1 moved to Done. That column is gone.');
    expect(useOutbox.getState().failed?.why).toBe('That column is gone.');
  });
});

describe('createTask', () => {
  it('shows the card at once, sends its own id and takes the number that comes back', async () => {
    const asked = serve(({ body }) => ({
      status: 201,
      body: task({ ...(body as object), number: 7, seq: 3 }),
      headers: { 'Headway-Seq': '3' },
    }));
    const id = createTask('w', { project: 'p1', column: 'open', title: 'Next' }, 'a1');
    expect(titles(open)).toEqual(['Write it down', 'Next']);
    await expect.poll(() => useOutbox.getState().waiting.length).toBe(0);
    expect(asked.at(-1)).toMatchObject({
      method: 'POST',
      path: '/workspaces/w/tasks',
      body: { id, title: 'Next' },
    });
    expect(queryClient.getQueryData<ColumnCards>(open)?.cards[1]?.number).toBe(7);
  });

  it('takes the card away again when it is refused', async () => {
    serve(() => ({ status: 422, body: { detail: 'The project is archived. Restore it first.' } }));
    createTask('w', { project: 'p1', column: 'open', title: 'Next' }, 'a1');
    await expect.poll(() => useToasts.getState().toasts.length).toBe(1);
    expect(titles(open)).toEqual(['Write it down']);
  });
});
