import type { Card } from '@/shared/http/types';

/**
 * The rows that the live stream brought last. An answer that was on its way
 * when one of them came in is older than it: they are folded into it again.
 */
const kept = 500;
const rows = new Map<string, { workspace: string; seq: number; card: Card | null }>();

export function remember(workspace: string, id: string, seq: number, card: Card | null): void {
  rows.delete(id);
  rows.set(id, { workspace, seq, card });
  if (rows.size > kept) {
    for (const oldest of rows.keys()) {
      rows.delete(oldest);
      break;
    }
  }
}

/** What is newer than an answer of this seq; `card` null means that it is gone. */
export function newerThan(workspace: string, seq: number): { id: string; card: Card | null }[] {
  const found: { id: string; card: Card | null }[] = [];
  for (const [id, row] of rows) {
    if (row.workspace === workspace && row.seq > seq) found.push({ id, card: row.card });
  }
  return found;
}
