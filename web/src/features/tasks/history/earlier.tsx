import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { tasks } from '@/shared/http/endpoints';
import { keys } from '@/shared/http/keys';
import { sentence } from '@/shared/http/problem';
import type { HistoryEvent, Task } from '@/shared/http/types';
import { Avatars } from '@/shared/ui/avatar';
import { Button } from '@/shared/ui/button';
import { inFull, sayDate } from '@/shared/ui/dates';
import { Dialog } from '@/shared/ui/dialog';
import { IconButton } from '@/shared/ui/icon-button';
import { priorityNames } from '@/shared/ui/priority-icon';
import { Skeleton } from '@/shared/ui/skeleton';
import { StateIcon } from '@/shared/ui/state-icon';
import { byPosition } from '../cache/order';
import { changeTask } from '../commands/tasks';
import { LabelChips } from '../label-chips';
import { Prose } from '../mentions/prose';
import { useMembers, useProject } from '../queries';
import { useWorkspace } from '../workspace';
import { putBack } from './put-back';

type Props = { task: Task; name: string; event: HistoryEvent; onClose: () => void };

/** A task as it was after one of its changes, and the way back to that. */
export default function Earlier({ task, name, event, onClose }: Props) {
  const w = useWorkspace();
  const then = useQuery({
    queryKey: keys.earlier(w, task.id, event.seq),
    queryFn: ({ signal }) => tasks.at(w, task.id, event.seq, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const patch = then.data ? putBack(task, then.data) : {};
  const differs = Object.keys(patch).length > 0;
  return (
    <Dialog label={`${name} as it was`} onClose={onClose}>
      <header className="flex items-center gap-3 border-b border-line py-2 pr-2 pl-5">
        <h2 className="flex-1 text-sm text-ink-2">
          {name} as it was on {inFull(event.at)}
        </h2>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <section
        aria-label="The task as it was"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard, too
        tabIndex={0}
        className="grid max-h-[60vh] gap-4 overflow-y-auto p-5 outline-none focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-focus"
      >
        {then.isPending && <Skeleton className="h-6 w-2/3" />}
        {then.error && <p className="text-danger">{sentence(then.error)}</p>}
        {then.data && <AsItWas task={then.data} />}
      </section>
      <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">
        <span className="flex-1 text-sm text-ink-3">
          {then.data && !differs && 'Texts, people, dates and labels are the same now.'}
        </span>
        <Button onClick={onClose}>Close</Button>
        <Button
          look="primary"
          disabled={!differs}
          onClick={() => {
            void changeTask(w, task, patch, `${name} put back`, `${name} put back as it was`);
            onClose();
          }}
        >
          Put it back like this
        </Button>
      </footer>
    </Dialog>
  );
}

function AsItWas({ task }: { task: Task }) {
  const w = useWorkspace();
  const members = useMembers(w);
  const column = useProject(w, task.project)?.columns.find((other) => other.id === task.column);
  const people = task.assignees.flatMap((id) => members.get(id) ?? []);
  return (
    <>
      <h3 className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{task.title}</h3>
      <dl className="grid gap-1.5">
        {column && (
          <Line name="Status">
            <StateIcon category={column.category} /> {column.name}
          </Line>
        )}
        {task.priority !== 'none' && <Line name="Priority">{priorityNames[task.priority]}</Line>}
        {people.length > 0 && (
          <Line name="Assignees">
            <Avatars people={people} /> {people.map((person) => person.name).join(', ')}
          </Line>
        )}
        {task.start && <Line name="Start">{sayDate(task.start)}</Line>}
        {task.due && <Line name="Due">{sayDate(task.due)}</Line>}
        {task.labels.length > 0 && (
          <Line name="Labels">
            <LabelChips ids={task.labels} />
          </Line>
        )}
      </dl>
      {task.description && <Prose text={task.description} />}
      {task.items.length > 0 && (
        <ul className="grid gap-1" aria-label="Checklist">
          {task.items.toSorted(byPosition).map((item) => (
            <li key={item.id} className="flex items-start gap-2">
              <span className="mt-0.5">
                <StateIcon category={item.done ? 'done' : 'open'} />
              </span>
              <span className={item.done ? 'text-ink-3' : undefined}>{item.title}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-2">
      <dt className="w-[92px] shrink-0 text-ink-2">{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-2">{children}</dd>
    </div>
  );
}
