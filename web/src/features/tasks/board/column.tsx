import { useDroppable } from '@dnd-kit/core';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useState } from 'react';
import { sentence } from '@/shared/http/problem';
import type { Card, Column, Project } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { columnQuery, loadMore } from '../queries';
import { useWorkspace } from '../workspace';
import { AddTask } from './add-task';
import { ColumnSkeleton } from './board-skeleton';
import { BoardCard, CardFace } from './card';
import { ColumnHeader } from './column-header';
import { type Row, useColumnRows } from './use-column-rows';
import { useHandle } from './use-handle';

type Props = {
  project: Project;
  column: Column;
  columns: Column[];
  share: number;
  shown: boolean;
  /** Whether it says how to begin, on an empty board: on every screen, or on a phone's only. */
  hint?: 'all' | 'phone' | false;
  openTask: string | null;
  onOpen: (task: string) => void;
  onKey: (event: KeyboardEvent<HTMLElement>, card: Card) => void;
};

const gap = 6;

/** One column: its cards in order, drawn only where they can be seen, and a place to add one. */
export function BoardColumn({
  project,
  column,
  columns,
  share,
  shown,
  hint,
  openTask,
  onOpen,
  onKey,
}: Props) {
  const w = useWorkspace();
  const { data, error, refetch } = useQuery(columnQuery(w, project.id, column.id));
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [adding, setAdding] = useState(false);
  const { rows, drag } = useColumnRows(column.id, data?.cards);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => 84,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    gap,
    paddingStart: 2,
  });
  const droppable = useDroppable({ id: column.id });
  const ref = useCallback(
    (element: HTMLElement | null) => {
      setScroller(element);
      droppable.setNodeRef(element);
    },
    [droppable.setNodeRef],
  );
  useHandle(column.id, data, rows, virtual, scroller);

  const holdsOpen = openTask !== null && data?.cards.some((card) => card.id === openTask);
  useEffect(() => {
    if (holdsOpen && scroller) uncover(scroller);
  }, [holdsOpen, scroller]);

  const seen = virtual.getVirtualItems();
  const end = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (data?.next && end >= rows.length - 20) void loadMore(w, project.id, column.id).catch(() => undefined);
  }, [w, project.id, column.id, data?.next, end, rows.length]);

  const keyboardAt = drag?.by === 'keyboard' && drag.column === column.id ? drag.index : -1;
  useEffect(() => {
    if (keyboardAt < 0) return;
    virtual.scrollToIndex(keyboardAt, { align: 'auto' });
    scroller?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [keyboardAt, virtual, scroller]);

  const drawn: { row: Row; item?: (typeof seen)[number] }[] = seen.flatMap((item) => {
    const row = rows[item.index];
    return row ? [{ row, item }] : [];
  });
  // The card in hand keeps its element, out of sight: the finger's events and the focus are on it.
  if (drag && drag.card.column === column.id) drawn.push({ row: { key: drag.card.id, card: drag.card } });
  return (
    <section
      data-column={column.id}
      aria-label={column.name}
      className={cx(
        'flex h-full w-[284px] shrink-0 flex-col phone:w-full',
        !shown &&
          (drag?.card.column === column.id
            ? 'phone:pointer-events-none phone:invisible phone:absolute phone:inset-x-3 phone:w-auto'
            : 'phone:hidden'),
      )}
    >
      <h2 className="sr-only md:hidden">{column.name}</h2>
      <ColumnHeader
        project={project}
        column={column}
        columns={columns}
        share={share}
        loaded={data?.cards.length}
        onAdd={() => setAdding(true)}
      />
      <div
        ref={ref}
        className="-mx-1 min-h-0 flex-1 overflow-y-auto overscroll-contain px-1 pb-4 phone:pb-24"
      >
        {!data && !error && <ColumnSkeleton />}
        {error && (
          <div className="grid justify-items-start gap-2 p-2 text-sm text-ink-2">
            <p>{sentence(error)}</p>
            <Button onClick={() => void refetch()}>Load again</Button>
          </div>
        )}
        <ul className="relative" style={{ height: virtual.getTotalSize() }}>
          {drawn.map(({ row, item }) => (
            <li
              key={row.key}
              data-index={item?.index ?? -1}
              ref={item && virtual.measureElement}
              className={cx('absolute inset-x-0 top-0', !item && 'pointer-events-none opacity-0')}
              style={{ transform: `translateY(${item ? item.start : (drag?.top ?? 0)}px)` }}
            >
              {row.card ? (
                <BoardCard
                  card={row.card}
                  project={project}
                  open={row.card.id === openTask}
                  onOpen={onOpen}
                  onKey={onKey}
                />
              ) : (
                drag && <Gap drag={drag} project={project} />
              )}
            </li>
          ))}
        </ul>
        {hint && !adding && (
          <p
            className={cx(
              'mt-0.5 rounded-card border border-dashed border-line-strong px-3 py-2.5 text-ink-2',
              hint === 'phone' && 'md:hidden',
            )}
          >
            Nothing here yet. Write down the first thing to do
            <span className="phone:hidden">: C adds a task from anywhere</span>.
          </p>
        )}
        <AddTask project={project} column={column} open={adding} onOpen={setAdding} />
      </div>
    </section>
  );
}

/** Scrolls the board so that the panel, 452 px at its right, does not cover the column of its task. */
function uncover(column: HTMLElement) {
  const board = column.closest('[data-testid=board]');
  if (!board || board.clientWidth < 760) return;
  const covered = column.getBoundingClientRect().right - board.getBoundingClientRect().right + 452 + 8;
  if (covered > 0) board.scrollBy({ left: covered, behavior: 'smooth' });
}

function Gap({
  drag,
  project,
}: {
  drag: NonNullable<ReturnType<typeof useColumnRows>['drag']>;
  project: Project;
}) {
  if (drag.by === 'keyboard') {
    return (
      <div className="rounded-card shadow-float outline-2 outline-focus">
        <CardFace card={drag.card} project={project} lifted />
      </div>
    );
  }
  return (
    <div
      data-testid="drop-gap"
      className="rounded-card border border-dashed border-ink-3/45 bg-hover"
      style={{ height: drag.height }}
    />
  );
}
