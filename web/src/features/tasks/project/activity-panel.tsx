import { useInfiniteQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { workspaces } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import type { Project } from '@/shared/http/types';
import { Avatar } from '@/shared/ui/avatar';
import { Button } from '@/shared/ui/button';
import { IconButton } from '@/shared/ui/icon-button';
import { Skeleton } from '@/shared/ui/skeleton';
import { findCard } from '../cache/cards';
import { HistoryLine } from '../history/history-line';
import { useOpenTask } from '../open-task';
import { taskKey, useNameOf } from '../queries';
import { useWorkspace } from '../workspace';

/** What happened in a project, newest first. */
export default function ActivityPanel({ project, onClose }: { project: Project; onClose: () => void }) {
  const w = useWorkspace();
  const nameOf = useNameOf(w);
  const [, open] = useOpenTask();
  const history = useInfiniteQuery({
    queryKey: keys.activity(w, project.id),
    queryFn: ({ pageParam, signal }) => workspaces.history(w, project.id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  const events = (history.data?.pages ?? []).flatMap((page) => page.items);
  return (
    <aside
      aria-label="Activity"
      className="absolute inset-y-0 right-0 z-10 flex w-[452px] max-w-full flex-col border-l border-line bg-surface shadow-float animate-slide phone:fixed phone:inset-0 phone:z-30 phone:w-full"
    >
      <header className="flex h-11 shrink-0 items-center pr-2 pl-5 touch:h-13">
        <h2 className="flex-1 font-semibold">Activity in {project.name}</h2>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-6">
        {history.isPending && <Skeleton className="h-4 w-2/3" />}
        <ol className="grid gap-3 touch:gap-5">
          {events.map((event) => {
            const who = nameOf(event.actor);
            const card = findCard(queryClient, w, event.entity);
            return (
              <li key={event.seq} className="flex items-start gap-2">
                <Avatar id={who.id} name={who.name} decorative className="mt-px" />
                <HistoryLine
                  event={event}
                  who={who.name}
                  about={
                    card && (
                      <button
                        type="button"
                        onClick={() => open(card.id)}
                        className="relative block text-left text-accent underline-offset-2 hover:underline touch:after:absolute touch:after:inset-x-0 touch:after:-top-[22px] touch:after:bottom-0"
                      >
                        {taskKey(project, card)} {card.title}
                      </button>
                    )
                  }
                />
              </li>
            );
          })}
        </ol>
        {history.hasNextPage && (
          <Button className="mt-4" onClick={() => void history.fetchNextPage()}>
            Show earlier
          </Button>
        )}
      </div>
    </aside>
  );
}
