import { useMemo } from 'react';
import type { Card } from '@/shared/http/types';
import { type Drag, useDrag } from './drag';

/** A row of a column: a card, or the gap where the dragged one will land. */
export type Row = { key: string; card: Card | null };

const none: Card[] = [];

/** The rows that a column draws: its cards, without the dragged one, with the gap. */
export function useColumnRows(column: string, cards: Card[] = none): { rows: Row[]; drag: Drag | null } {
  // Only the columns that a drag concerns draw again while it moves.
  const drag = useDrag((state) =>
    state.drag && (state.drag.column === column || state.drag.card.column === column) ? state.drag : null,
  );
  const rows = useMemo(() => {
    const rest = drag ? cards.filter((card) => card.id !== drag.card.id) : cards;
    const made: Row[] = rest.map((card) => ({ key: card.id, card }));
    if (drag?.column === column) made.splice(drag.index, 0, { key: 'gap', card: null });
    return made;
  }, [cards, column, drag]);
  return { rows, drag };
}
