import type { Card } from '@/shared/http/types';
import { newest } from './recent';

/**
 * Changes that the screen shows already and the server has not acknowledged.
 * They lie over every row that comes in meanwhile, so that a live change by
 * somebody else does not make one's own flicker.
 */
type Patch = { token: number; task: string; fields: Partial<Card> };

let patches: Patch[] = [];
let next = 1;
/** The newest row known from the server, of tasks with a patch over them. */
const bases = new Map<string, Card>();

export function lay(base: Card, fields: Partial<Card>): number {
  // What is changed may have been on the screen for long, such as a card that was dragged.
  if (!bases.has(base.id)) bases.set(base.id, newest(base));
  const token = next++;
  patches.push({ token, task: base.id, fields });
  return token;
}

/** Takes a patch off; answers the row to show now, or null where the task is not known. */
export function lift(token: number, answer?: Card): Card | null {
  const patch = patches.find((other) => other.token === token);
  if (!patch) return answer ?? null;
  patches = patches.filter((other) => other.token !== token);
  const known = bases.get(patch.task);
  const base = answer && (!known || answer.seq >= known.seq) ? answer : known;
  if (!base) return null;
  const shown = over(base);
  if (!patches.some((other) => other.task === patch.task)) bases.delete(patch.task);
  return shown;
}

/** A row as it is to be shown: with what waits laid over it. */
export function over(row: Card): Card {
  const mine = patches.filter((patch) => patch.task === row.id);
  if (mine.length === 0) return row;
  const known = bases.get(row.id);
  if (!known || row.seq >= known.seq) bases.set(row.id, row);
  return Object.assign({ ...row }, ...mine.map((patch) => patch.fields)) as Card;
}

export function clearOverlay(): void {
  patches = [];
  bases.clear();
}
