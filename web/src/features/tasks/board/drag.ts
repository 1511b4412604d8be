import { create } from 'zustand';
import type { Card } from '@/shared/http/types';

export type Drag = {
  card: Card;
  /** How it is held: the keyboard shows the card itself where it will land, a pointer shows a gap. */
  by: 'pointer' | 'keyboard';
  /** Where it would land: before the card at `index` of the column's others. */
  column: string;
  index: number;
  /** Where the card was and how large, so that its element keeps its place out of sight. */
  height: number;
  width: number;
  top: number;
};

type State = {
  drag: Drag | null;
  /** The card to focus once it is drawn in its new place. */
  focus: string | null;
  /** What a screen reader is told. */
  said: string;
};

/** The card that is being moved on a board, and where to. */
export const useDrag = create<State>(() => ({ drag: null, focus: null, said: '' }));

/** What a column can tell about itself while something is dragged over it. */
export type ColumnHandle = {
  cards: () => Card[];
  /** Whether all of its cards are loaded. */
  whole: () => boolean;
  /** Before which card a pointer at this height would drop. */
  indexAt: (clientY: number) => number;
};

/** Measures a card where it stands in its column. */
export function boxOf(id: string): Pick<Drag, 'height' | 'width' | 'top'> {
  const row = document.querySelector(`[data-task="${CSS.escape(id)}"]`)?.closest('li');
  if (!row) return { height: 80, width: 276, top: 0 };
  const { top, height, width } = row.getBoundingClientRect();
  return { height, width, top: top - (row.parentElement?.getBoundingClientRect().top ?? top) };
}

export const columnHandles = new Map<string, ColumnHandle>();

/** The cards of a column without the one that is moved. */
export function others(column: string, card: Card): Card[] {
  return (columnHandles.get(column)?.cards() ?? []).filter((other) => other.id !== card.id);
}

/** Where a drop at an index may be at most: before what is not loaded yet. */
export function clampIndex(column: string, card: Card, index: number): number {
  const rows = others(column, card);
  const whole = columnHandles.get(column)?.whole() ?? true;
  return Math.max(0, Math.min(index, whole ? rows.length : rows.length - 1));
}
