import { localDay } from '@/shared/ui/dates';
import type { Notice } from './endpoints';

/** What a notice tells, as the rest of a sentence that begins with who did it, or as one of its own. */
export function say(notice: Pick<Notice, 'kind' | 'comment' | 'workspaceName'>): string {
  switch (notice.kind) {
    case 'assigned':
      return 'assigned you';
    case 'mentioned':
      return notice.comment ? 'mentioned you in a comment' : 'mentioned you in the description';
    case 'commented':
      return 'commented';
    case 'due_soon':
      return 'Due within a day';
    case 'overdue':
      return 'Overdue';
    case 'joined':
      return `joined ${notice.workspaceName} by your invitation`;
  }
}

/** "WEB-146", as people call the task of a notice; "" where it is about none. */
export function keyOf(notice: Pick<Notice, 'projectKey' | 'taskNumber'>): string {
  return notice.projectKey && notice.taskNumber ? `${notice.projectKey}-${notice.taskNumber}` : '';
}

const day = 86_400_000;

/** Notices under the days that people think in, in the order that they came in. */
export function byDay(notices: Notice[], now: Date = new Date()): { title: string; notices: Notice[] }[] {
  const today = localDay(now);
  const yesterday = localDay(new Date(now.getTime() - day));
  const lastWeek = localDay(new Date(now.getTime() - 6 * day));
  const titleOf = (at: string) => {
    const when = localDay(new Date(at));
    if (when >= today) return 'Today';
    if (when === yesterday) return 'Yesterday';
    return when >= lastWeek ? 'This week' : 'Earlier';
  };
  const groups: { title: string; notices: Notice[] }[] = [];
  for (const notice of notices) {
    const title = titleOf(notice.at);
    const last = groups.at(-1);
    if (last?.title === title) last.notices.push(notice);
    else groups.push({ title, notices: [notice] });
  }
  return groups;
}
