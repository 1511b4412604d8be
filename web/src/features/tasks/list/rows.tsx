import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { memo } from 'react';
import type { Card, Column, Project } from '@/shared/http/types';
import { Avatars } from '@/shared/ui/avatar';
import { cx } from '@/shared/ui/cx';
import { IconButton } from '@/shared/ui/icon-button';
import { PriorityIcon } from '@/shared/ui/priority-icon';
import { ProgressRing } from '@/shared/ui/progress-ring';
import { StateIcon } from '@/shared/ui/state-icon';
import { DueMark } from '../board/card';
import { LabelChips } from '../label-chips';
import { countsQuery, taskKey, useMembers } from '../queries';
import { useWorkspace } from '../workspace';

type GroupProps = { project: Project; column: Column; share: number; onAdd: () => void };

/** The head of a group: the column and how many tasks it holds. */
export function GroupRow({ project, column, share, onAdd }: GroupProps) {
  const counts = useQuery(countsQuery(useWorkspace(), project.id)).data?.columns;
  return (
    <header className="flex h-9 items-center gap-2 border-b border-line bg-sunken pr-3.5 pl-5 touch:h-11 touch:pr-1">
      <StateIcon category={column.category} share={share} />
      <h2 className="min-w-0 truncate font-semibold">{column.name}</h2>
      <span className="text-ink-3 tabular-nums">{counts?.[column.id] ?? ''}</span>
      <span className="flex-1" />
      <IconButton icon={Plus} label={`Add task to ${column.name}`} onClick={onAdd} />
    </header>
  );
}

type RowProps = {
  card: Card;
  project: Project;
  column: Column;
  share: number;
  open: boolean;
  onOpen: (task: string) => void;
};

/** One task on one line. */
export const TaskRow = memo(function TaskRow({ card, project, column, share, open, onOpen }: RowProps) {
  const members = useMembers(useWorkspace());
  const people = card.assignees.flatMap((id) => members.get(id) ?? []);
  return (
    <article
      data-testid="row"
      data-task={card.id}
      className={cx(
        'relative flex h-9 items-center gap-2.5 border-b border-line pr-4 pl-5 touch:h-12',
        open ? 'bg-chosen shadow-[inset_2px_0_var(--focus)]' : 'bg-surface hover:bg-hover',
      )}
    >
      <span className="w-4 shrink-0">
        {card.priority !== 'none' && <PriorityIcon priority={card.priority} />}
      </span>
      <span className="w-16 shrink-0 truncate text-xs text-ink-3 tabular-nums phone:hidden">
        {taskKey(project, card)}
      </span>
      <StateIcon category={column.category} share={share} />
      <a
        href={`?task=${card.id}`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onOpen(card.id);
        }}
        className="min-w-0 flex-1 truncate outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
      >
        {card.title}
      </a>
      <span className="flex shrink-0 items-center gap-2.5 text-sm text-ink-2 tabular-nums">
        {card.itemsTotal > 0 && (
          <span className="flex items-center gap-1 phone:hidden">
            <ProgressRing done={card.itemsDone} total={card.itemsTotal} />
            <span className="sr-only">Checklist </span>
            {card.itemsDone}/{card.itemsTotal}
          </span>
        )}
        <span className="flex items-center gap-2.5 phone:hidden">
          <LabelChips ids={card.labels} max={3} />
        </span>
        <DueMark card={card} done={column.category === 'done' || column.category === 'cancelled'} />
        <span className="flex min-w-9 justify-end phone:min-w-5">
          {people.length > 0 ? (
            <Avatars people={people} />
          ) : (
            <span
              aria-hidden="true"
              className="size-5 rounded-full border border-dashed border-line-strong"
            />
          )}
        </span>
      </span>
    </article>
  );
});
