import { generateKeyBetween } from 'fractional-indexing';

type Placed = { id: string; position: string };

/** Board order: by position, ties by id; both compare as bytes, as the server does. */
export function byPosition(a: Placed, b: Placed): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * The position for a row that is to stand at `index` of `rows` (which are in
 * order and do not hold it). Equal neighbours, which an import can bring, have
 * nothing between them: then it goes after the last of the equal ones.
 */
export function positionAt(rows: Placed[], index: number): string {
  const before = rows[index - 1]?.position ?? null;
  let next = index;
  while (before !== null && rows[next] && (rows[next]?.position ?? '') <= before) next += 1;
  const after = rows[next]?.position ?? null;
  try {
    return generateKeyBetween(before, after);
  } catch {
    // A neighbour holds a key of another scheme; the end is always there.
    return '';
  }
}
