import { useDraggable } from '@dnd-kit/core';
import { Calendar, MessageSquare, Paperclip } from 'lucide-react';
import { type KeyboardEvent, memo, useEffect, useRef } from 'react';
import type { Card, Project } from '@/shared/http/types';
import { Avatars } from '@/shared/ui/avatar';
import { cx } from '@/shared/ui/cx';
import { sayDate, urgency } from '@/shared/ui/dates';
import { PriorityIcon } from '@/shared/ui/priority-icon';
import { ProgressRing } from '@/shared/ui/progress-ring';
import { LabelChips } from '../label-chips';
import { taskKey, useMembers } from '../queries';
import { useWorkspace } from '../workspace';
import { useDrag } from './drag';

type Props = {
  card: Card;
  project: Project;
  open: boolean;
  onOpen: (task: string) => void;
  onKey: (event: KeyboardEvent<HTMLElement>, card: Card) => void;
};

/** A card that opens on click and can be picked up. */
export const BoardCard = memo(function BoardCard({ card, project, open, onOpen, onKey }: Props) {
  const { setNodeRef, listeners } = useDraggable({ id: card.id, data: { card } });
  const link = useRef<HTMLAnchorElement>(null);
  const focus = useDrag((state) => state.focus === card.id && state.drag === null);
  useEffect(() => {
    if (!focus) return;
    link.current?.focus();
    useDrag.setState({ focus: null });
  }, [focus]);
  return (
    <div
      ref={setNodeRef}
      {...listeners}
      className="touch-manipulation select-none [-webkit-touch-callout:none]"
    >
      <CardFace card={card} project={project} open={open}>
        <a
          ref={link}
          href={`?task=${card.id}`}
          draggable={false}
          aria-describedby="card-keys"
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            onOpen(card.id);
          }}
          onKeyDown={(event) => onKey(event, card)}
          className="outline-none after:absolute after:inset-0 after:rounded-card focus-visible:after:outline-2 focus-visible:after:outline-focus"
        >
          {card.title}
        </a>
      </CardFace>
    </div>
  );
});

type FaceProps = {
  card: Card;
  project: Project;
  open?: boolean;
  lifted?: boolean;
  children?: React.ReactNode;
};

/** What a card shows: key, title, then only what is set. */
export function CardFace({ card, project, open, lifted, children }: FaceProps) {
  return (
    <article
      data-testid="card"
      data-task={card.id}
      className={cx(
        'relative grid gap-1 rounded-card border bg-surface px-3 pt-2 pb-2.5 shadow-card transition-[border-color] duration-120 phone:px-3.5 phone:py-3',
        open ? 'border-focus ring-1 ring-focus' : 'border-line hover:border-line-strong',
        lifted && 'cursor-grabbing',
      )}
    >
      <div className="flex h-4 items-center justify-between gap-2">
        <span className="text-xs text-ink-3 tabular-nums">{taskKey(project, card)}</span>
        {card.priority !== 'none' && <PriorityIcon priority={card.priority} />}
      </div>
      <h3 className="line-clamp-4 font-medium [overflow-wrap:anywhere]">{children ?? card.title}</h3>
      <Meta card={card} project={project} />
    </article>
  );
}

const tones = { late: 'font-medium text-danger', soon: 'font-medium text-soon', later: '' };

export function DueMark({ card, done }: { card: Pick<Card, 'due' | 'completedAt'>; done?: boolean }) {
  if (!card.due) return null;
  const tone = done || card.completedAt ? '' : tones[urgency(card.due)];
  return (
    <span className={cx('flex items-center gap-1', tone)}>
      <Calendar size={13} strokeWidth={1.6} aria-hidden />
      <span className="sr-only">Due </span>
      {sayDate(card.due)}
    </span>
  );
}

function Meta({ card, project }: { card: Card; project: Project }) {
  const members = useMembers(useWorkspace());
  const people = card.assignees.flatMap((id) => members.get(id) ?? []);
  const category = project.columns.find((column) => column.id === card.column)?.category;
  const any =
    card.due || card.itemsTotal || card.comments || card.attachments || card.labels.length || people.length;
  if (!any) return null;
  return (
    <div className="mt-1 flex min-h-5 flex-wrap items-center gap-x-2.5 gap-y-1.5 text-sm text-ink-2 tabular-nums">
      <DueMark card={card} done={category === 'done' || category === 'cancelled'} />
      {card.itemsTotal > 0 && (
        <span className="flex items-center gap-1">
          <ProgressRing done={card.itemsDone} total={card.itemsTotal} />
          <span className="sr-only">Checklist </span>
          {card.itemsDone}/{card.itemsTotal}
        </span>
      )}
      {card.comments > 0 && (
        <span className="flex items-center gap-1">
          <MessageSquare size={13} strokeWidth={1.6} aria-hidden />
          <span className="sr-only">Comments </span>
          {card.comments}
        </span>
      )}
      {card.attachments > 0 && (
        <span className="flex items-center gap-1">
          <Paperclip size={13} strokeWidth={1.6} aria-hidden />
          <span className="sr-only">Links </span>
          {card.attachments}
        </span>
      )}
      <LabelChips ids={card.labels} />
      {people.length > 0 && (
        <span className="ml-auto">
          <Avatars people={people} />
        </span>
      )}
    </div>
  );
}
