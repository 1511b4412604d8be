// Answers, live changes and own changes in orders that a slow network brings
// about: what is on the screen in the end is what the server has.
import { QueryObserver } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { freshen } from '@/shared/http/freshen';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { signedIn } from '@/shared/http/session';
import type { Card, Item, Label, Page, Task } from '@/shared/http/types';
import { clearOutbox } from '@/shared/live/outbox';
import { card, task } from '@/testing/rows';
import { serve, signed } from '@/testing/server';
import { applyDelta } from './cache/apply';
import type { ColumnCards } from './cache/columns';
import { clearOverlay } from './cache/overlay';
import { clearRecent } from './cache/recent';
import { changeLabel } from './commands/frame';
import { changeItem } from './commands/parts';
import { changeTask } from './commands/tasks';
import { columnQuery, loadMore, taskQuery } from './queries';

/** Something to wait for, and how to let it come. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { open, opened };
}

const event = (seq: number, type: string) => ({
  seq,
  type,
  entity: 't1',
  scope: 'p1',
  actor: 'u2',
  at: '',
  data: {},
});
const column = (name: string) => keys.column('w', 'p1', name);
const load = (name: string, cards: Card[], next: string | null = null) =>
  queryClient.setQueryData<ColumnCards>(column(name), { cards, next });
const shown = (name: string) =>
  queryClient.getQueryData<ColumnCards>(column(name))?.cards.map((row) => `${row.title} ${row.seq}`);

beforeEach(() => {
  clearOutbox();
  clearOverlay();
  clearRecent();
  queryClient.clear();
  signedIn(signed);
});

describe('what is stale', () => {
  it('stays so when a row is folded in: a task', async () => {
    const log = serve(() => ({ body: task({ description: 'New', seq: 13 }) }));
    queryClient.setQueryData(keys.task('w', 't1'), task({ description: 'Old', seq: 10 }));
    applyDelta(queryClient, 'w', {
      seq: 12,
      tasks: [card({ seq: 12 })],
      events: [event(12, 'task.changed')],
    });
    applyDelta(queryClient, 'w', {
      seq: 13,
      tasks: [card({ seq: 13 })],
      events: [event(13, 'comment.added')],
    });
    const seen = new QueryObserver(queryClient, taskQuery('w', 't1'));
    const stop = seen.subscribe(() => {});
    await vi.waitFor(() => expect(seen.getCurrentResult().data?.description).toBe('New'));
    expect(log).toHaveLength(1);
    stop();
  });

  it('stays so when a row is folded in: a column', async () => {
    const missed = card({ id: 't2', title: 'Missed', position: 'a1', seq: 11 });
    serve(() => ({ body: { items: [card({ seq: 13 }), missed], next: null, seq: 13 } }));
    load('open', [card()]);
    freshen(queryClient, keys.all('w'));
    applyDelta(queryClient, 'w', { seq: 13, tasks: [card({ seq: 13 })] });
    const seen = new QueryObserver(queryClient, columnQuery('w', 'p1', 'open'));
    const stop = seen.subscribe(() => {});
    await vi.waitFor(() => expect(shown('open')).toEqual(['Write it down 13', 'Missed 11']));
    stop();
  });
});

describe('a count that is stale', () => {
  it('stays so when an own change shifts it', async () => {
    serve(() => ({ body: task({ column: 'done', seq: 13 }) }));
    queryClient.setQueryData(keys.counts('w', 'p1'), { columns: { open: 4, done: 1 } });
    applyDelta(queryClient, 'w', { seq: 12, events: [event(12, 'task.created')] });
    await changeTask('w', card({ seq: 10 }), { column: 'done' }, 'Moved');
    expect(queryClient.getQueryData(keys.counts('w', 'p1'))).toEqual({ columns: { open: 3, done: 2 } });
    expect(queryClient.getQueryState(keys.counts('w', 'p1'))?.isInvalidated).toBe(true);
  });
});

describe('an answer to an own change that is older than what came live', () => {
  it('puts no second card on the board', async () => {
    const late = gate();
    serve(async () => {
      await late.opened;
      return { body: task({ column: 'done', seq: 11 }) };
    });
    for (const name of ['open', 'done', 'third']) load(name, name === 'open' ? [card({ seq: 10 })] : []);
    const done = changeTask('w', card({ seq: 10 }), { column: 'done' }, 'Moved');
    applyDelta(queryClient, 'w', { seq: 11, tasks: [card({ column: 'done', seq: 11 })] });
    applyDelta(queryClient, 'w', { seq: 12, tasks: [card({ column: 'third', seq: 12 })] });
    late.open();
    await done;
    expect([shown('open'), shown('done'), shown('third')]).toEqual([[], [], ['Write it down 12']]);
  });

  it('brings back no card that was archived', async () => {
    const late = gate();
    serve(async () => {
      await late.opened;
      return { body: task({ title: 'Mine', seq: 11 }) };
    });
    load('open', [card({ seq: 10 })]);
    const done = changeTask('w', card({ seq: 10 }), { title: 'Mine' }, 'Renamed');
    applyDelta(queryClient, 'w', { seq: 12, tasks: [card({ title: 'Mine', state: 'archived', seq: 12 })] });
    late.open();
    await done;
    expect(shown('open')).toEqual([]);
  });

  it('is not undone by a task that was read before', async () => {
    const late = gate();
    let read = 0;
    serve(async ({ method }) => {
      if (method === 'PATCH') return { body: task({ title: 'Mine', seq: 13 }) };
      read += 1;
      if (read > 1) await late.opened;
      return { body: task({ title: 'Theirs', seq: read > 1 ? 12 : 10 }) };
    });
    const seen = new QueryObserver(queryClient, taskQuery('w', 't1'));
    const stop = seen.subscribe(() => {});
    await vi.waitFor(() => expect(seen.getCurrentResult().data).toBeTruthy());
    applyDelta(queryClient, 'w', {
      seq: 12,
      tasks: [card({ seq: 12 })],
      events: [event(12, 'task.changed')],
    });
    await vi.waitFor(() => expect(read).toBe(2));
    await changeTask('w', seen.getCurrentResult().data as Task, { title: 'Mine' }, 'Renamed');
    late.open();
    await vi.waitFor(() => expect(queryClient.isFetching()).toBe(0));
    expect(seen.getCurrentResult().data).toMatchObject({ title: 'Mine', seq: 13 });
    stop();
  });
});

describe('a refusal goes back to what the server has by now', () => {
  it('where the card was moved meanwhile', async () => {
    const items: Item[] = [{ id: 'i1', title: 'A', done: false, position: 'a0', list: '' }];
    const before = task({ seq: 10, items, itemsTotal: 1 });
    const late = gate();
    serve(async ({ method }) => {
      if (method === 'GET') return { body: { ...before, column: 'done', items: [], itemsTotal: 0, seq: 12 } };
      await late.opened;
      return { status: 404, body: { code: 'not-found' } };
    });
    queryClient.setQueryData(keys.task('w', 't1'), before);
    load('open', [card({ seq: 10, itemsTotal: 1 })]);
    load('done', []);
    const [item] = items as [Item];
    const done = changeItem('w', before, item, { done: true });
    await vi.waitFor(() => expect(queryClient.getQueryData<Task>(keys.task('w', 't1'))?.itemsDone).toBe(1));
    applyDelta(queryClient, 'w', { seq: 12, tasks: [card({ column: 'done', seq: 12 })] });
    late.open();
    await done;
    expect([shown('open'), shown('done')]).toEqual([[], ['Write it down 12']]);
  });

  it('where the card was trashed while it was dragged', async () => {
    const dragged = card({ seq: 10 });
    load('open', [dragged]);
    load('done', []);
    serve(() => ({ status: 409, body: { code: 'conflict' } }));
    applyDelta(queryClient, 'w', { seq: 12, tasks: [card({ state: 'trashed', seq: 12 })] });
    await changeTask('w', dragged, { column: 'done', position: 'a5' }, 'Moved');
    expect([shown('open'), shown('done')]).toEqual([[], []]);
  });

  it('where the label was removed', async () => {
    const late = gate();
    const label: Label = { id: 'l1', name: 'bug', color: 'red', seq: 5 };
    queryClient.setQueryData<Page<Label>>(keys.labels('w'), { items: [label], next: null });
    const seen = new QueryObserver(queryClient, {
      queryKey: keys.labels('w'),
      queryFn: () => ({ items: [], next: null }),
    });
    const stop = seen.subscribe(() => {});
    serve(async () => {
      await late.opened;
      return { status: 404, body: { code: 'not-found' } };
    });
    const done = changeLabel('w', label, { name: 'Bug' });
    applyDelta(queryClient, 'w', { seq: 12, removed: [{ kind: 'label', id: 'l1' }] });
    late.open();
    await done;
    await vi.waitFor(() => expect(queryClient.isFetching()).toBe(0));
    expect(seen.getCurrentResult().data?.items).toEqual([]);
    stop();
  });
});

it('a further page of a column holds what came live while it was on its way', async () => {
  const late = gate();
  load('open', [card({ id: 'first', title: 'First', position: 'a0', seq: 1 })], 'cursor');
  serve(async () => {
    await late.opened;
    const items = [
      card({ id: 't2', title: 'Old', position: 'a5', seq: 10 }),
      card({ id: 't3', title: 'Gone', position: 'a6', seq: 9 }),
    ];
    return { body: { items, next: null, seq: 10 } };
  });
  const done = loadMore('w', 'p1', 'open');
  applyDelta(queryClient, 'w', {
    seq: 11,
    tasks: [card({ id: 't2', title: 'New', position: 'a5', seq: 11 })],
  });
  applyDelta(queryClient, 'w', {
    seq: 12,
    tasks: [card({ id: 't3', column: 'done', position: 'a6', seq: 12 })],
  });
  late.open();
  await done;
  expect(shown('open')).toEqual(['First 1', 'New 11']);
});
