import type { Card, Project, Task } from '@/shared/http/types';

/** A card with everything at rest, for tests to change what they are about. */
export function card(fields: Partial<Card> = {}): Card {
  return {
    id: 't1',
    project: 'p1',
    column: 'open',
    number: 1,
    title: 'Write it down',
    priority: 'none',
    labels: [],
    assignees: [],
    start: '',
    due: '',
    position: 'a0',
    state: 'live',
    completedAt: null,
    itemsDone: 0,
    itemsTotal: 0,
    comments: 0,
    attachments: 0,
    hasDescription: false,
    createdAt: '2026-03-01T09:00:00.000Z',
    createdBy: 'u1',
    updatedAt: '2026-03-01T09:00:00.000Z',
    seq: 1,
    ...fields,
  };
}

export function task(fields: Partial<Task> = {}): Task {
  return { ...card(), description: '', items: [], attachmentLinks: [], ...fields };
}

export function project(fields: Partial<Project> = {}): Project {
  return {
    id: 'p1',
    name: 'Web app',
    key: 'WEB',
    color: 'teal',
    description: '',
    position: 'a0',
    state: 'live',
    columns: [
      { id: 'open', name: 'To do', category: 'open', position: 'a0' },
      { id: 'done', name: 'Done', category: 'done', position: 'a1' },
    ],
    createdAt: '2026-03-01T09:00:00.000Z',
    createdBy: 'u1',
    seq: 1,
    ...fields,
  };
}
