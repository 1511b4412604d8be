import { Bell, CalendarClock, Circle } from 'lucide-react';
import { Link } from 'wouter';
import { paths } from '@/app/paths';
import { useWorkspace } from '@/features/tasks/workspace';
import { Avatar } from '@/shared/ui/avatar';
import { cx } from '@/shared/ui/cx';
import { ago, inFull } from '@/shared/ui/dates';
import { IconButton } from '@/shared/ui/icon-button';
import type { Notice } from './endpoints';
import { markOne } from './marks';
import { rowAttribute } from './use-inbox-keys';
import { keyOf, say } from './words';

type Props = { notice: Notice; who: string; open: boolean };

/** Where a notice leads: its task beside the inbox, or in its own workspace. */
function addressOf(notice: Notice, w: string): string {
  if (!notice.task) return paths.settings(notice.workspace, 'members');
  return notice.workspace === w
    ? `${paths.inbox(w)}?task=${notice.task}`
    : paths.task(notice.workspace, notice.task);
}

/** One notice: who did what, to which task, when. */
export function NoticeRow({ notice, who, open }: Props) {
  const w = useWorkspace();
  const unread = !notice.read;
  const faint = open ? 'text-ink-2' : 'text-ink-3';
  const about = [notice.projectName, notice.workspace === w ? '' : notice.workspaceName].filter(Boolean);
  return (
    <li
      data-testid="notice"
      className={cx(
        'group relative flex items-center border-b border-line pr-2 last:border-0 first:rounded-t-panel last:rounded-b-panel focus-within:bg-hover hover:bg-hover touch:pr-0',
        open && 'bg-pressed',
      )}
    >
      <Link
        href={addressOf(notice, w)}
        aria-current={open ? 'true' : undefined}
        onClick={() => void markOne(notice, true)}
        {...{ [rowAttribute]: notice.id }}
        className="flex min-w-0 flex-1 items-start gap-3 rounded-panel py-2.5 pr-2 pl-4 -outline-offset-2"
      >
        <Lead notice={notice} who={who} />
        <span className="grid min-w-0 flex-1 gap-px">
          <span className="flex min-w-0 items-baseline gap-2">
            <span className="min-w-0 truncate text-ink-2">
              {unread && <span className="sr-only">Unread: </span>}
              {notice.actor && <span className={cx(unread && 'font-medium', 'text-ink')}>{who} </span>}
              <span className={notice.actor ? undefined : tone(notice)}>{say(notice)}</span>
            </span>
          </span>
          {notice.task && (
            <span className="flex min-w-0 items-baseline gap-2">
              <span className={cx('shrink-0 text-sm tabular-nums', faint)}>{keyOf(notice)}</span>
              <span className={cx('min-w-0 truncate', unread ? 'font-medium text-ink' : 'text-ink-2')}>
                {notice.taskTitle}
              </span>
            </span>
          )}
        </span>
        <span className="grid shrink-0 justify-items-end gap-px">
          <time dateTime={notice.at} title={inFull(notice.at)} className={cx('text-sm tabular-nums', faint)}>
            {ago(notice.at)}
          </time>
          <span className={cx('max-w-40 truncate text-sm phone:hidden', faint)}>{about.join(' · ')}</span>
        </span>
      </Link>
      <IconButton
        icon={Circle}
        label={unread ? 'Mark as read' : 'Mark as unread'}
        size={9}
        onClick={() => void markOne(notice, unread)}
        className={cx(
          unread
            ? '[&>svg]:fill-accent [&>svg]:text-accent'
            : 'opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 touch:opacity-100',
        )}
      />
    </li>
  );
}

const tone = (notice: Notice) => cx('font-medium', notice.kind === 'overdue' ? 'text-danger' : 'text-soon');

function Lead({ notice, who }: { notice: Notice; who: string }) {
  if (notice.actor) return <Avatar id={notice.actor} name={who} size={24} decorative className="mt-0.5" />;
  const Icon = notice.kind === 'joined' ? Bell : CalendarClock;
  return (
    <span aria-hidden="true" className={cx('mt-0.5 grid size-6 shrink-0 place-items-center', tone(notice))}>
      <Icon size={16} strokeWidth={1.6} />
    </span>
  );
}
