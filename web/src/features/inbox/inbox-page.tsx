import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CheckCheck, CloudOff, Inbox, SlidersHorizontal } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';
import { paths } from '@/app/paths';
import { useOpenTask } from '@/features/tasks/open-task';
import { useWorkspace } from '@/features/tasks/workspace';
import { auth } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { Empty } from '@/shared/ui/empty';
import { Page } from '@/shared/ui/page';
import { Segments } from '@/shared/ui/segments';
import { RowsSkeleton } from '@/shared/ui/skeleton';
import type { Notice } from './endpoints';
import { markAll, markOne } from './marks';
import { NoticeRow } from './notice-row';
import { noticesQuery, unreadQuery } from './notices';
import { useInboxKeys } from './use-inbox-keys';
import { byDay } from './words';

const TaskPanel = lazy(() => import('@/features/tasks/panel/task-panel'));
const filters = [
  { value: 'all', name: 'All' },
  { value: 'unread', name: 'Unread' },
] as const;

/** What the person should know of, newest first, with the task of a notice beside it. */
export default function InboxPage() {
  const w = useWorkspace();
  const [filter, setFilter] = useState<'all' | 'unread'>('all');
  const query = useInfiniteQuery(noticesQuery(filter === 'unread'));
  const unread = useQuery(unreadQuery).data ?? 0;
  const [task, open] = useOpenTask();
  const notices = query.data?.pages.flatMap((page) => page.items) ?? [];
  const nameOf = useActors(notices);
  const newest = notices[0];
  const allRead = () => newest && unread > 0 && void markAll(newest);
  useInboxKeys({
    toggle: (id) => {
      const notice = notices.find((one) => one.id === id);
      if (notice) void markOne(notice, !notice.read);
    },
    markAll: allRead,
    filter: () => setFilter(filter === 'all' ? 'unread' : 'all'),
  });
  return (
    <div className="relative flex h-full">
      <div className={cx('min-w-0 flex-1', task && 'xl:pr-[452px]')}>
        <Page
          title="Inbox"
          aside={
            <div className="flex items-center gap-2">
              <Segments label="Show" value={filter} options={[...filters]} onChange={setFilter} />
              <Button disabled={unread === 0 || !newest} onClick={allRead}>
                <CheckCheck size={14} strokeWidth={1.6} aria-hidden />
                <span className="phone:sr-only">Mark all as read</span>
              </Button>
              <Link
                href={paths.settings(w, 'notifications')}
                aria-label="Choose what you hear of"
                title="Choose what you hear of"
                className="inline-grid size-[30px] place-items-center rounded-card text-ink-3 hover:bg-hover hover:text-ink touch:size-11"
              >
                <SlidersHorizontal size={16} strokeWidth={1.6} aria-hidden />
              </Link>
            </div>
          }
        >
          {query.isPending && <RowsSkeleton className="h-[61px]" />}
          {query.error && !query.data && (
            <Empty
              icon={CloudOff}
              title="The inbox did not load"
              action={<Button onClick={() => void query.refetch()}>Try again</Button>}
            >
              {sentence(query.error)}
            </Empty>
          )}
          {query.data && notices.length === 0 && <Nothing filtered={filter === 'unread'} />}
          {byDay(notices).map((group) => (
            <section key={group.title} aria-label={group.title} className="grid grid-cols-1 gap-2">
              <h2 className="text-xs font-medium text-ink-3">{group.title}</h2>
              <ol className="rounded-panel border border-line bg-surface">
                {group.notices.map((notice) => (
                  <NoticeRow
                    key={notice.id}
                    notice={notice}
                    who={nameOf(notice.actor)}
                    open={notice.task !== undefined && notice.task === task}
                  />
                ))}
              </ol>
            </section>
          ))}
          {query.hasNextPage && (
            <Button
              className="justify-self-center"
              disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {query.isFetchNextPageError ? 'That did not load. Try again' : 'Show older'}
            </Button>
          )}
        </Page>
      </div>
      <Suspense>{task && <TaskPanel key={task} id={task} onClose={() => open(null)} />}</Suspense>
    </div>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty icon={Inbox} title="Nothing unread">
      You have read all there is.
    </Empty>
  ) : (
    <Empty icon={Inbox} title="Nothing here yet">
      When somebody assigns you, mentions you or answers you, and when a task of yours is due, it shows here.
    </Empty>
  );
}

/** Names of those who did something, whichever workspace they did it in. */
function useActors(notices: Notice[]): (id: string | undefined) => string {
  const ids = [...new Set(notices.flatMap((notice) => notice.actor ?? []))].toSorted();
  const { data, isPending } = useQuery({
    queryKey: keys.people(ids),
    queryFn: async ({ signal }) => {
      const found = [];
      for (let at = 0; at < ids.length; at += 200) {
        found.push(...(await auth.people(ids.slice(at, at + 200), signal)).items);
      }
      return found;
    },
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });
  const names = new Map((data ?? []).map((person) => [person.id, person.name]));
  return (id) => (id ? (names.get(id) ?? (isPending ? '…' : 'Somebody')) : '');
}
