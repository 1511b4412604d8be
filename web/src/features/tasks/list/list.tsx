import { useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ListTodo } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useScreen } from '@/app/screen';
import type { Card, Category, Column, Project } from '@/shared/http/types';
import { Button } from '@/shared/ui/button';
import { Empty } from '@/shared/ui/empty';
import { Skeleton } from '@/shared/ui/skeleton';
import { shareOf } from '../board/share';
import { byPosition } from '../cache/order';
import { columnQuery, loadMore } from '../queries';
import { useWorkspace } from '../workspace';
import { GroupRow, TaskRow } from './rows';

type Props = { project: Project; openTask: string | null; onOpen: (task: string) => void };

export type Line =
  | { kind: 'group'; column: Column }
  | { kind: 'task'; column: Column; card: Card }
  | { kind: 'more'; column: Column };

const order: Category[] = ['active', 'open', 'backlog', 'done', 'cancelled'];

/** The tasks of a project one under the other, grouped by column: work in hand first. */
export default function List({ project, openTask, onOpen }: Props) {
  const w = useWorkspace();
  const show = useScreen((state) => state.show);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const columns = useMemo(
    () => project.columns.filter((column) => !column.archived).toSorted(byPosition),
    [project.columns],
  );
  const groups = useMemo(
    () => columns.toSorted((a, b) => order.indexOf(a.category) - order.indexOf(b.category)),
    [columns],
  );
  const loaded = useQueries({ queries: groups.map((column) => columnQuery(w, project.id, column.id)) });
  const lines: Line[] = groups.flatMap((column, index) => {
    const data = loaded[index]?.data;
    const tasks = (data?.cards ?? []).map((card) => ({ kind: 'task' as const, column, card }));
    const more = data?.next ? [{ kind: 'more' as const, column }] : [];
    return [{ kind: 'group' as const, column }, ...tasks, ...more];
  });
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller,
    estimateSize: () => 36,
    getItemKey: (index) => {
      const line = lines[index];
      return line?.kind === 'task' ? line.card.id : `${line?.kind}-${line?.column.id}`;
    },
    overscan: 12,
  });
  const waiting = loaded.some((query) => query.isPending);
  const empty = loaded.every((query) => query.data?.cards.length === 0);
  return (
    <div ref={setScroller} data-testid="list" className="h-full overflow-y-auto pb-4 phone:pb-24">
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          const share = shareOf(columns, line.column);
          return (
            <div
              key={item.key}
              data-index={item.index}
              ref={virtual.measureElement}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {line.kind === 'group' && (
                <GroupRow
                  project={project}
                  column={line.column}
                  share={share}
                  onAdd={() => show('new-task', line.column.id)}
                />
              )}
              {line.kind === 'task' && (
                <TaskRow
                  card={line.card}
                  project={project}
                  column={line.column}
                  share={share}
                  open={line.card.id === openTask}
                  onOpen={onOpen}
                />
              )}
              {line.kind === 'more' && (
                <button
                  type="button"
                  onClick={() => void loadMore(w, project.id, line.column.id)}
                  className="flex h-9 w-full items-center border-b border-line bg-surface px-5 text-accent hover:bg-hover touch:h-11"
                >
                  Show more of {line.column.name}
                </button>
              )}
            </div>
          );
        })}
      </div>
      {waiting && (
        <div className="grid animate-late gap-4 p-5">
          <Skeleton className="h-3 w-2/5" />
          <Skeleton className="h-3 w-3/5" />
          <Skeleton className="h-3 w-1/2" />
        </div>
      )}
      {empty && (
        <Empty
          icon={ListTodo}
          title="No tasks yet"
          action={
            <Button look="primary" onClick={() => show('new-task')}>
              New task
            </Button>
          }
        >
          What is to be done in {project.name} stands here, work in hand first.
        </Empty>
      )}
    </div>
  );
}
