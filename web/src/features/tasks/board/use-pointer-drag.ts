import {
  type Announcements,
  type DragEndEvent,
  type DragStartEvent,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { useEffect } from 'react';
import type { Card, Project } from '@/shared/http/types';
import { useWorkspace } from '../workspace';
import { boxOf, clampIndex, columnHandles, useDrag } from './drag';
import { drop } from './drop';

/** Dragging by mouse, and by touch after a long press. */
export function usePointerDrag(project: Project, onColumn: (column: string) => void) {
  const workspace = useWorkspace();
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 5 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 220, tolerance: 8 } }),
  );

  const onDragStart = (event: DragStartEvent) => {
    const card = event.active.data.current?.card as Card | undefined;
    if (!card) return;
    const rows = columnHandles.get(card.column)?.cards() ?? [];
    const index = Math.max(
      0,
      rows.findIndex((other) => other.id === card.id),
    );
    useDrag.setState({ drag: { card, by: 'pointer', column: card.column, index, ...boxOf(card.id) } });
  };

  // The pointer is followed here: a column finds the place among cards of any height.
  useEffect(() => {
    const follow = (x: number, y: number) => {
      const drag = useDrag.getState().drag;
      if (drag?.by !== 'pointer') return;
      const under = document.elementsFromPoint(x, y);
      const tab = under.map((el) => el.closest<HTMLElement>('[data-tab]')).find(Boolean);
      if (tab?.dataset.tab) {
        onColumn(tab.dataset.tab);
        const index = clampIndex(tab.dataset.tab, drag.card, 0);
        useDrag.setState({ drag: { ...drag, column: tab.dataset.tab, index } });
        return;
      }
      const column = under.map((el) => el.closest<HTMLElement>('[data-column]')).find(Boolean)
        ?.dataset.column;
      const handle = column ? columnHandles.get(column) : undefined;
      if (!column || !handle) return;
      const index = clampIndex(column, drag.card, handle.indexAt(y));
      if (column !== drag.column || index !== drag.index)
        useDrag.setState({ drag: { ...drag, column, index } });
    };
    const onPointer = (event: PointerEvent) => follow(event.clientX, event.clientY);
    const onTouch = (event: TouchEvent) => {
      const touch = event.touches[0];
      if (touch) follow(touch.clientX, touch.clientY);
    };
    addEventListener('pointermove', onPointer);
    addEventListener('touchmove', onTouch, { passive: true });
    return () => {
      removeEventListener('pointermove', onPointer);
      removeEventListener('touchmove', onTouch);
    };
  }, [onColumn]);

  const onDragEnd = (_event: DragEndEvent) => {
    const drag = useDrag.getState().drag;
    useDrag.setState({ drag: null });
    if (drag) drop(workspace, project, drag);
  };
  const onDragCancel = () => useDrag.setState({ drag: null });
  return { sensors, onDragStart, onDragEnd, onDragCancel };
}

const titleOf = (card: unknown) => (card as Card | undefined)?.title ?? 'the task';

/** What is said of a drag by pointer; the keyboard's way says more, see useKeyboardMove. */
export const announcements: Announcements = {
  onDragStart: ({ active }) => `Picked up ${titleOf(active.data.current?.card)}.`,
  onDragOver: () => undefined,
  onDragEnd: ({ active }) => `Put down ${titleOf(active.data.current?.card)}.`,
  onDragCancel: ({ active }) => `${titleOf(active.data.current?.card)} stays where it was.`,
};
