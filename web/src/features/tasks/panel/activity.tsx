import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { tasks } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import type { Comment, HistoryEvent, Project, Task } from '@/shared/http/types';
import { Avatar } from '@/shared/ui/avatar';
import { Skeleton } from '@/shared/ui/skeleton';
import { HistoryLine } from '../history/history-line';
import { commentsQuery, taskKey, useNameOf } from '../queries';
import { useWorkspace } from '../workspace';
import { CommentRow } from './comment-row';

const Earlier = lazy(() => import('../history/earlier'));

type Line = { at: string; key: string } & ({ event: HistoryEvent } | { comment: Comment });

/** What happened to the task and what was said about it, oldest first. */
export function Activity({ task, project }: { task: Task; project: Project }) {
  const [then, setThen] = useState<HistoryEvent | null>(null);
  const w = useWorkspace();
  const nameOf = useNameOf(w);
  const comments = useQuery(commentsQuery(w, task.id));
  const history = useInfiniteQuery({
    queryKey: keys.history(w, task.id),
    queryFn: ({ pageParam, signal }) => tasks.history(w, task.id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  const events = (history.data?.pages ?? []).flatMap((page) => page.items);
  const lines: Line[] = [
    ...events
      .filter((event) => !event.type.startsWith('comment.'))
      .map((event) => ({ at: event.at, key: `e${event.seq}`, event })),
    ...(comments.data?.items ?? []).map((comment) => ({ at: comment.createdAt, key: comment.id, comment })),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const oldest = events.at(-1)?.at ?? '';
  return (
    <section aria-label="Activity">
      <h3 className="mb-2 font-semibold">Activity</h3>
      {history.hasNextPage && (
        <button
          type="button"
          onClick={() => void history.fetchNextPage()}
          className="mb-2 text-accent hover:underline touch:min-h-11"
        >
          Show what was before{oldest && ' this'}
        </button>
      )}
      {history.isPending && <Skeleton className="h-4 w-2/3" />}
      <ol className="grid gap-3">
        {lines.map((line) => {
          const who = nameOf('event' in line ? line.event.actor : line.comment.author);
          return (
            <li key={line.key} className="flex items-start gap-2">
              <Avatar id={who.id} name={who.name} decorative className="mt-px" />
              {'event' in line ? (
                <HistoryLine
                  event={line.event}
                  who={who.name}
                  project={project}
                  onOpen={() => setThen(line.event)}
                />
              ) : (
                <CommentRow comment={line.comment} who={who.name} project={task.project} />
              )}
            </li>
          );
        })}
      </ol>
      <Suspense>
        {then && (
          <Earlier task={task} name={taskKey(project, task)} event={then} onClose={() => setThen(null)} />
        )}
      </Suspense>
    </section>
  );
}
