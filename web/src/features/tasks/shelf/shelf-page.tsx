import { useInfiniteQuery } from '@tanstack/react-query';
import { Archive, FolderKanban, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { workspaces } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import { useSession } from '@/shared/http/session';
import type { Card } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { ago, inFull } from '@/shared/ui/dates';
import { Dialog } from '@/shared/ui/dialog';
import { Empty } from '@/shared/ui/empty';
import { Hue } from '@/shared/ui/hue';
import { Page } from '@/shared/ui/page';
import { RowsSkeleton } from '@/shared/ui/skeleton';
import { setProjectState } from '../commands/frame';
import { purgeTask, setLifecycle } from '../commands/tasks';
import { taskKey, useMembers, useProjects } from '../queries';
import { useWorkspace } from '../workspace';

type State = 'archived' | 'trashed';

const words = {
  archived: {
    title: 'Archive',
    lead: 'Kept out of sight, with all that belongs to it. Restored, it stands where it was.',
    none: 'Nothing is archived',
    hint: 'Archive what is over and done with: it leaves the board and stays findable here.',
    icon: Archive,
  },
  trashed: {
    title: 'Trash',
    lead: 'Restore what went here by mistake. An admin can delete tasks for good.',
    none: 'The trash is empty',
    hint: 'What you move to the trash waits here until it is restored or deleted for good.',
    icon: Trash2,
  },
};

/** Projects and tasks that are archived or in the trash. */
export default function ShelfPage({ state }: { state: State }) {
  const w = useWorkspace();
  const word = words[state];
  const query = useInfiniteQuery({
    queryKey: keys.shelf(w, state),
    queryFn: ({ pageParam, signal }) => workspaces.shelf(w, state, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnMount: 'always',
  });
  const projects = useProjects(w).filter((project) => project.state === state);
  const cards = (query.data?.pages ?? []).flatMap((page) => page.items);
  return (
    <Page title={word.title} lead={word.lead}>
      {query.error && <p className="text-danger">{sentence(query.error)}</p>}
      {query.isPending && <RowsSkeleton />}
      {query.data && cards.length === 0 && projects.length === 0 && (
        <Empty icon={word.icon} title={word.none}>
          {word.hint}
        </Empty>
      )}
      {(cards.length > 0 || projects.length > 0) && (
        <ul className="overflow-hidden rounded-panel border border-line bg-surface">
          {projects.map((project) => (
            <li
              key={project.id}
              className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-1.5 last:border-0"
            >
              <FolderKanban size={16} strokeWidth={1.6} className="shrink-0 text-ink-3" aria-hidden />
              <Hue hue={project.color} square />
              <span className="min-w-0 flex-1 truncate font-medium">{project.name}</span>
              <span className="text-sm text-ink-3 phone:hidden">Project</span>
              <Button onClick={() => void setProjectState(w, project, 'live')}>Restore</Button>
            </li>
          ))}
          {cards.map((card) => (
            <ShelfRow key={card.id} card={card} state={state} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button className="justify-self-start" onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function ShelfRow({ card, state }: { card: Card; state: State }) {
  const w = useWorkspace();
  const project = useProjects(w).find((row) => row.id === card.project);
  const me = useSession((session) => session.user?.id);
  const role = useMembers(w).get(me ?? '')?.role;
  const [asking, setAsking] = useState(false);
  const name = taskKey(project, card);
  return (
    <li
      data-testid="shelf-row"
      className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-1.5 last:border-0"
    >
      <span className="flex min-w-0 flex-1 items-baseline gap-3 phone:block">
        <span className="block w-16 shrink-0 truncate text-xs text-ink-3 tabular-nums">{name}</span>
        <span className="block min-w-0 truncate">{card.title}</span>
      </span>
      <time
        dateTime={card.updatedAt}
        title={inFull(card.updatedAt)}
        className="text-sm text-ink-3 phone:hidden"
      >
        {ago(card.updatedAt)}
      </time>
      {state === 'trashed' && (role === 'owner' || role === 'admin') && (
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <Button onClick={() => void setLifecycle(w, card, 'live', name)}>Restore</Button>
      {asking && (
        <Dialog label="Delete for good" onClose={() => setAsking(false)} width={420}>
          <div className="grid gap-3 p-5">
            <h2 className="text-lg font-semibold">Delete {name} for good?</h2>
            <p className="text-ink-2">“{card.title}” and its comments go, and cannot be brought back.</p>
            <div className="flex justify-end gap-2">
              <Button onClick={() => setAsking(false)}>Keep it</Button>
              <Button
                look="destroy"
                onClick={() => {
                  setAsking(false);
                  void purgeTask(w, card, name);
                }}
              >
                Delete for good
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </li>
  );
}
