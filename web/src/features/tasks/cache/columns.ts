import type { Card } from '@/shared/http/types';
import { byPosition } from './order';

/** What is loaded of one column: its first cards, and where the next page starts. */
export type ColumnCards = { cards: Card[]; next: string | null };

/** Whether a card at this place belongs to the part that is loaded. */
function within(data: ColumnCards, card: Card): boolean {
  const last = data.cards.at(-1);
  return data.next === null || (last !== undefined && byPosition(card, last) <= 0);
}

/**
 * Folds a card into a column: puts it in order where it belongs there and to
 * the loaded part, takes it out where not. Answers the same object where
 * nothing changes. An older card than the one there changes nothing.
 */
export function foldCard(data: ColumnCards, column: string, card: Card, force = false): ColumnCards {
  const at = data.cards.findIndex((other) => other.id === card.id);
  const there = data.cards[at];
  if (there && !force && there.seq > card.seq) return data;
  const belongs = card.column === column && card.state === 'live';
  const rest = there ? data.cards.toSpliced(at, 1) : data.cards;
  if (!belongs || !within({ cards: rest, next: data.next }, card)) {
    return there ? { ...data, cards: rest } : data;
  }
  if (there && there.position === card.position) {
    return { ...data, cards: data.cards.with(at, card) };
  }
  const index = rest.findIndex((other) => byPosition(card, other) < 0);
  return { ...data, cards: rest.toSpliced(index < 0 ? rest.length : index, 0, card) };
}

/** Takes a card out of a column. */
export function dropCard(data: ColumnCards, id: string): ColumnCards {
  const cards = data.cards.filter((card) => card.id !== id);
  return cards.length === data.cards.length ? data : { ...data, cards };
}

/** Adds the next page, leaving out what the live stream has brought already. */
export function addPage(data: ColumnCards, page: Card[], next: string | null): ColumnCards {
  const known = new Set(data.cards.map((card) => card.id));
  const cards = [...data.cards, ...page.filter((card) => !known.has(card.id))].sort(byPosition);
  return { cards, next };
}
