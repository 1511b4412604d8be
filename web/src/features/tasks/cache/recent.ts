import { onSignedOut } from '@/shared/http/session';
import type { Card } from '@/shared/http/types';

/**
 * The rows that the live stream brought last. An answer that was on its way
 * when one of them came in is older than it: they are folded into it again.
 */
const kept = 500;
const rows = new Map<string, { workspace: string; seq: number; card: Card | null }>();

/** Keeps a row, null where it is gone; answers false where a newer one was there already. */
export function remember(workspace: string, id: string, seq: number, card: Card | null): boolean {
  const known = rows.get(id);
  if (known?.card && known.seq > seq) return false;
  rows.delete(id);
  rows.set(id, { workspace, seq, card });
  if (rows.size > kept) {
    for (const oldest of rows.keys()) {
      rows.delete(oldest);
      break;
    }
  }
  return true;
}

/** The newest row of a card's task that is known from the server. */
export function newest(card: Card): Card {
  const known = rows.get(card.id);
  return known?.card && known.seq > card.seq ? known.card : card;
}

export function clearRecent(): void {
  rows.clear();
}

onSignedOut(clearRecent);

/** What is newer than an answer of this seq; `card` null means that it is gone. */
export function newerThan(workspace: string, seq: number): { id: string; card: Card | null }[] {
  const found: { id: string; card: Card | null }[] = [];
  for (const [id, row] of rows) {
    if (row.workspace === workspace && row.seq > seq) found.push({ id, card: row.card });
  }
  return found;
}
