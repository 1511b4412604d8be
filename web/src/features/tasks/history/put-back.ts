import type { TaskPatch } from '@/shared/http/endpoints';
import type { Task } from '@/shared/http/types';

const fields = ['title', 'description', 'priority', 'labels', 'assignees', 'start', 'due'] as const;

/** What makes a task again what it was: the fields that differ, with their values from then. */
export function putBack(now: Task, then: Task): TaskPatch {
  const patch: Record<string, unknown> = {};
  for (const field of fields) {
    if (JSON.stringify(now[field]) !== JSON.stringify(then[field])) patch[field] = then[field];
  }
  return patch;
}
