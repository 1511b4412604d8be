import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Column, Project } from '@/shared/http/types';
import { cx } from '@/shared/ui/cx';
import { StateIcon } from '@/shared/ui/state-icon';
import { countsQuery } from '../queries';
import { useWorkspace } from '../workspace';
import { useDrag } from './drag';
import { shareOf } from './share';

type Props = { project: Project; columns: Column[]; shown: string; onShow: (column: string) => void };

/** A phone's way between columns; a card dragged onto one goes there. */
export function ColumnTabs({ project, columns, shown, onShow }: Props) {
  const counts = useQuery(countsQuery(useWorkspace(), project.id)).data?.columns;
  const row = useRef<HTMLElement>(null);
  const dragging = useDrag((state) => state.drag?.by === 'pointer');
  useEffect(() => {
    // Under a finger that holds a card the tabs keep still, or the next one slides under it.
    if (dragging) return;
    row.current
      ?.querySelector(`[data-tab="${shown}"]`)
      ?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [shown, dragging]);
  return (
    <nav
      ref={row}
      aria-label="Columns"
      className="flex shrink-0 gap-1.5 overflow-x-auto border-b border-line px-3 py-2 [scrollbar-width:none] md:hidden"
    >
      {columns.map((column) => {
        const here = column.id === shown;
        return (
          <button
            key={column.id}
            type="button"
            data-tab={column.id}
            aria-pressed={here}
            onClick={() => onShow(column.id)}
            className={cx(
              'flex h-11 shrink-0 items-center gap-2 rounded-full border px-4',
              here ? 'border-line-strong bg-surface font-medium shadow-card' : 'border-line text-ink-2',
            )}
          >
            <StateIcon category={column.category} share={shareOf(columns, column)} />
            {column.name}
            <span className="text-sm text-ink-3 tabular-nums">{counts?.[column.id] ?? 0}</span>
          </button>
        );
      })}
    </nav>
  );
}
