import { describe, expect, it } from 'vitest';
import type { Task } from '@/shared/http/types';
import { putBack } from './put-back';

const task = {
  title: 'Paint the hull',
  description: 'Blue',
  priority: 'high',
  labels: ['a', 'b'],
  assignees: [],
  start: '',
  due: '2026-05-01',
  column: 'doing',
  seq: 9,
} as unknown as Task;

describe('putBack', () => {
  it('is empty where only what is not put back differs', () => {
    expect(putBack(task, { ...task, column: 'open', seq: 3, itemsDone: 2 })).toEqual({});
  });

  it('holds the values from then, also those that were empty', () => {
    const then = { ...task, title: 'Paint it', labels: ['b'], due: '', description: '' };
    expect(putBack(task, then)).toEqual({ title: 'Paint it', labels: ['b'], due: '', description: '' });
  });
});
