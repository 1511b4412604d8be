import { type KeyboardEvent, useCallback } from 'react';
import type { Card, Project } from '@/shared/http/types';
import { taskKey } from '../queries';
import { useWorkspace } from '../workspace';
import { boxOf, clampIndex, type Drag, others, useDrag } from './drag';
import { drop } from './drop';

function place(project: Project, drag: Drag): string {
  const column = project.columns.find((other) => other.id === drag.column);
  return `${column?.name ?? ''}, place ${drag.index + 1} of ${others(drag.column, drag.card).length + 1}`;
}

function say(said: string, drag?: Drag | null) {
  useDrag.setState(drag === undefined ? { said } : { said, drag });
}

/**
 * Moving a card by keyboard: Space picks it up, the arrows move it, Space or
 * Enter puts it down, Escape leaves it where it was. Each step is announced.
 */
export function useKeyboardMove(project: Project, columns: string[], onColumn: (column: string) => void) {
  const workspace = useWorkspace();
  return useCallback(
    (event: KeyboardEvent<HTMLElement>, card: Card) => {
      const { drag } = useDrag.getState();
      const held = drag?.by === 'keyboard' && drag.card.id === card.id ? drag : null;
      const key = taskKey(project, card);
      const stop = () => {
        event.preventDefault();
        event.stopPropagation();
      };
      if (!held) {
        if (event.key !== ' ') return;
        stop();
        const rows = others(card.column, card);
        const index = rows.filter((other) => other.position < card.position).length;
        const made: Drag = { card, by: 'keyboard', column: card.column, index, ...boxOf(card.id) };
        say(`Picked up ${key}. ${place(project, made)}. Arrows move it, Space puts it down.`, made);
        return;
      }
      const go = (column: string, index: number) => {
        const next = { ...held, column, index: clampIndex(column, card, index) };
        if (column !== held.column) onColumn(column);
        say(place(project, next), next);
      };
      const at = columns.indexOf(held.column);
      const beside = columns[event.key === 'ArrowRight' ? at + 1 : at - 1];
      if (event.key === 'ArrowUp') go(held.column, held.index - 1);
      else if (event.key === 'ArrowDown') go(held.column, held.index + 1);
      else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        if (beside) go(beside, held.index);
      } else if (event.key === ' ' || event.key === 'Enter') {
        useDrag.setState({ focus: card.id });
        say(`Put down ${key}. ${place(project, held)}.`, null);
        drop(workspace, project, held);
      } else if (event.key === 'Escape' || event.key === 'Tab') {
        useDrag.setState({ focus: card.id });
        say(`${key} stays where it was.`, null);
        onColumn(card.column);
      } else return;
      stop();
    },
    [workspace, project, columns, onColumn],
  );
}
