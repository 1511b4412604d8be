import type { Notice } from '@/features/inbox/endpoints';

/** A notice of an assignment that nobody has read, for tests to change what they are about. */
export function notice(fields: Partial<Notice> = {}): Notice {
  return {
    id: 'n1',
    kind: 'assigned',
    at: '2026-03-10T08:00:00Z',
    read: false,
    workspace: 'w1',
    workspaceName: 'Seven Oaks',
    project: 'p1',
    projectName: 'Web app',
    projectKey: 'WEB',
    task: 't1',
    taskNumber: 1,
    taskTitle: 'Write it down',
    actor: 'u2',
    ...fields,
  };
}
