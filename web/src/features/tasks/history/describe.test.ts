import { expect, describe as group, it } from 'vitest';
import type { HistoryEvent } from '@/shared/http/types';
import { project } from '@/testing/rows';
import { describe } from './describe';

const known = {
  project: () => project(),
  label: () => undefined,
  person: (id: string) => (id === 'u2' ? 'Ada' : 'Mira'),
};
const event = (type: string, data: Record<string, unknown>): HistoryEvent => ({
  seq: 1,
  type,
  entity: 't1',
  scope: 'p1',
  actor: 'u1',
  at: '2026-03-01T09:00:00.000Z',
  data,
});
const text = (type: string, data: Record<string, unknown>) =>
  describe(event(type, data), known)
    .map((piece) => piece.text)
    .join('');

group('describe', () => {
  it.each([
    ['task.created', {}, 'made this'],
    [
      'task.moved',
      { column: { from: 'open', to: 'done' }, position: { from: 'a0', to: 'a1' } },
      'moved this to Done',
    ],
    ['task.moved', { position: { from: 'a0', to: 'a1' } }, 'moved this up or down'],
    ['task.changed', { title: { from: 'A', to: 'B' } }, 'changed the title from A to B'],
    ['task.changed', { priority: { from: 'none', to: 'high' } }, 'set the priority to High'],
    ['task.changed', { due: { from: '2001-02-03', to: '' } }, 'removed due 3 Feb 2001'],
    ['task.changed', { assignees: { from: ['u1'], to: ['u2'] } }, 'assigned Ada, unassigned Mira'],
    ['checklist.items_added', { items: [{ title: 'Test' }] }, 'added Test'],
    ['checklist.item_changed', { done: { from: false, to: true } }, 'ticked a checklist item'],
    ['column.created', { column: { name: 'Later' } }, 'made the column Later'],
  ])('%s %j', (type, data, said) => {
    expect(text(type, data)).toBe(said);
  });
});
