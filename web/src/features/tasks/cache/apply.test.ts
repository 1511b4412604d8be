import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from '@/shared/http/keys';
import type { Page, Project } from '@/shared/http/types';
import { card, project } from '@/testing/rows';
import { applyDelta } from './apply';
import type { ColumnCards } from './columns';
import { clearOverlay, lay, lift } from './overlay';
import { clearRecent } from './recent';

let client: QueryClient;
const open = keys.column('w', 'p1', 'open');
const done = keys.column('w', 'p1', 'done');
const titles = (key: readonly unknown[]) =>
  client.getQueryData<ColumnCards>(key)?.cards.map((row) => row.title);

beforeEach(() => {
  clearOverlay();
  clearRecent();
  client = new QueryClient();
  client.setQueryData<ColumnCards>(open, { cards: [card()], next: null });
  client.setQueryData<ColumnCards>(done, { cards: [], next: null });
  client.setQueryData<Page<Project>>(keys.projects('w'), { items: [project()], next: null });
});

describe('applyDelta', () => {
  it('moves a card from one column to the other', () => {
    applyDelta(client, 'w', { seq: 2, tasks: [card({ column: 'done', seq: 2 })] });
    expect(titles(open)).toEqual([]);
    expect(titles(done)).toEqual(['Write it down']);
  });

  it('takes a row only if it is newer', () => {
    applyDelta(client, 'w', { seq: 3, tasks: [card({ title: 'New', seq: 3 })] });
    applyDelta(client, 'w', { seq: 2, tasks: [card({ title: 'Old', seq: 2 })] });
    expect(titles(open)).toEqual(['New']);
  });

  it('takes out what was removed', () => {
    applyDelta(client, 'w', { seq: 2, removed: [{ kind: 'task', id: 't1' }] });
    expect(titles(open)).toEqual([]);
  });

  it('adds and changes projects', () => {
    applyDelta(client, 'w', {
      seq: 2,
      projects: [project({ name: 'Renamed', seq: 2 }), project({ id: 'p2', seq: 2 })],
    });
    const names = client.getQueryData<Page<Project>>(keys.projects('w'))?.items.map((row) => row.name);
    expect(names).toEqual(['Renamed', 'Web app']);
  });

  it('keeps an own change on the screen while another one comes in, and drops it when refused', () => {
    const token = lay(card(), { title: 'Mine' });
    applyDelta(client, 'w', { seq: 2, tasks: [card({ title: 'Theirs', priority: 'high', seq: 2 })] });
    const shown = client.getQueryData<ColumnCards>(open)?.cards[0];
    expect(shown).toMatchObject({ title: 'Mine', priority: 'high' });
    expect(lift(token)).toMatchObject({ title: 'Theirs', priority: 'high' });
  });

  it('asks again for counts and history that an event made stale', () => {
    client.setQueryData(keys.counts('w', 'p1'), { columns: {} });
    client.setQueryData(keys.history('w', 't1'), {});
    const event = { seq: 2, type: 'task.moved', entity: 't1', scope: 'p1', actor: 'u1', at: '', data: {} };
    applyDelta(client, 'w', { seq: 2, events: [event] });
    expect(client.getQueryState(keys.counts('w', 'p1'))?.isInvalidated).toBe(true);
    expect(client.getQueryState(keys.history('w', 't1'))?.isInvalidated).toBe(true);
  });

  it('asks again, once, for a list that was on its way when a row of it came', async () => {
    const answers = [[project()], [project(), project({ id: 'p2', seq: 2 })], []];
    let asked = 0;
    let release = () => {};
    const first = new Promise<void>((done) => {
      release = done;
    });
    client.removeQueries({ queryKey: keys.projects('w') });
    const seen = new QueryObserver<Page<Project>>(client, {
      queryKey: keys.projects('w'),
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: async () => {
        const items = answers[asked++] ?? [];
        await first;
        return { items, next: null };
      },
    });
    const stop = seen.subscribe(() => {});
    applyDelta(client, 'w', { seq: 2, projects: [project({ id: 'p2', seq: 2 })] });
    applyDelta(client, 'w', { seq: 3, projects: [project({ id: 'p2', seq: 3 })] });
    release();
    await vi.waitFor(() =>
      expect(seen.getCurrentResult().data?.items.map((row) => row.id)).toEqual(['p1', 'p2']),
    );
    await vi.waitFor(() => expect(client.isFetching()).toBe(0));
    expect(asked).toBe(2);
    stop();
  });
});
