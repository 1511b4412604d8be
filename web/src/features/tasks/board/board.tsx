import { DndContext, DragOverlay, MeasuringStrategy } from '@dnd-kit/core';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Project } from '@/shared/http/types';
import { byPosition } from '../cache/order';
import { countsQuery } from '../queries';
import { useWorkspace } from '../workspace';
import { AddColumn } from './add-column';
import { CardFace } from './card';
import { BoardColumn } from './column';
import { ColumnTabs } from './column-tabs';
import { useDrag } from './drag';
import { shareOf } from './share';
import { useKeyboardMove } from './use-keyboard-move';
import { announcements, usePointerDrag } from './use-pointer-drag';

type Props = { project: Project; openTask: string | null; onOpen: (task: string) => void };

const accessibility = { announcements, screenReaderInstructions: { draggable: '' } };
const measuring = { droppable: { strategy: MeasuringStrategy.Always } };

/** The project's columns side by side; on a phone one of them, chosen by tabs. */
export function Board({ project, openTask, onOpen }: Props) {
  const columns = useMemo(
    () => project.columns.filter((column) => !column.archived).toSorted(byPosition),
    [project.columns],
  );
  const ids = useMemo(() => columns.map((column) => column.id), [columns]);
  const [chosen, setChosen] = useState('');
  const start = columns.find((column) => column.category === 'active') ?? columns[0];
  const shown = ids.includes(chosen) ? chosen : (start?.id ?? '');
  const { data: empty } = useQuery({
    ...countsQuery(useWorkspace(), project.id),
    select: (counts) => columns.every((column) => !counts.columns[column.id]),
  });
  const begin = columns.find((column) => column.category === 'open') ?? columns[0];
  const pointer = usePointerDrag(project, setChosen);
  const onKey = useKeyboardMove(project, ids, setChosen);
  const drag = useDrag((state) => state.drag);
  const said = useDrag((state) => state.said);
  return (
    <DndContext {...pointer} measuring={measuring} accessibility={accessibility}>
      <div className="flex h-full flex-col">
        <ColumnTabs project={project} columns={columns} shown={shown} onShow={setChosen} />
        <div
          data-testid="board"
          className="relative flex min-h-0 flex-1 gap-3 overflow-x-auto px-4 pt-2 phone:overflow-x-hidden phone:px-3"
        >
          {columns.map((column) => (
            <BoardColumn
              key={column.id}
              project={project}
              column={column}
              columns={columns}
              share={shareOf(columns, column)}
              shown={column.id === shown}
              hint={empty && (column === begin ? 'all' : column.id === shown && 'phone')}
              openTask={openTask}
              onOpen={onOpen}
              onKey={onKey}
            />
          ))}
          <AddColumn project={project} last={columns.at(-1)?.position ?? null} icon={Plus} />
          {openTask && <span aria-hidden="true" className="w-[420px] shrink-0 max-lg:hidden" />}
        </div>
      </div>
      <DragOverlay dropAnimation={null}>
        {drag?.by === 'pointer' && (
          <div className="rounded-card shadow-float" style={{ width: drag.width }}>
            <CardFace card={drag.card} project={project} lifted />
          </div>
        )}
      </DragOverlay>
      <p aria-live="assertive" className="sr-only">
        {said}
      </p>
      <p id="card-keys" className="hidden">
        Enter opens it. Space picks it up to move it with the arrows.
      </p>
    </DndContext>
  );
}
