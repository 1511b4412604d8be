import { describe, expect, it } from 'vitest';
import { card } from '@/testing/rows';
import { addPage, foldCard } from './columns';
import { byPosition, positionAt } from './order';

const a = card({ id: 'a', position: 'a0', seq: 5 });
const b = card({ id: 'b', position: 'a1', seq: 5 });
const c = card({ id: 'c', position: 'a2', seq: 5 });
const ids = (data: { cards: { id: string }[] }) => data.cards.map((row) => row.id).join('');

describe('foldCard', () => {
  const whole = { cards: [a, b], next: null };

  it('puts a card where its position says', () => {
    expect(ids(foldCard(whole, 'open', c))).toBe('abc');
    expect(ids(foldCard(whole, 'open', card({ id: 'x', position: 'a0V' })))).toBe('axb');
  });

  it('moves a card that is there already', () => {
    expect(ids(foldCard(whole, 'open', { ...a, position: 'a1V', seq: 6 }))).toBe('ba');
  });

  it('takes out what went to another column, the archive or the trash', () => {
    expect(ids(foldCard(whole, 'open', { ...a, column: 'done', seq: 6 }))).toBe('b');
    expect(ids(foldCard(whole, 'open', { ...a, state: 'trashed', seq: 6 }))).toBe('b');
  });

  it('leaves a newer row as it is', () => {
    expect(foldCard(whole, 'open', { ...a, title: 'old', seq: 4 })).toBe(whole);
  });

  it('does not show what belongs to a page that is not loaded', () => {
    expect(ids(foldCard({ cards: [a, b], next: 'more' }, 'open', c))).toBe('ab');
    expect(ids(foldCard({ cards: [a, c], next: 'more' }, 'open', b))).toBe('abc');
  });
});

describe('addPage', () => {
  it('adds what is not there yet, in order', () => {
    expect(ids(addPage({ cards: [a, c], next: 'x' }, [b, c], null))).toBe('abc');
  });
});

describe('positionAt', () => {
  it('stands between its neighbours', () => {
    for (const index of [0, 1, 2, 3]) {
      const position = positionAt([a, b, c], index);
      const rows = [a, b, c, card({ id: 'new', position })].sort(byPosition);
      expect(rows.findIndex((row) => row.id === 'new')).toBe(index);
    }
  });

  it('goes after neighbours that share one position', () => {
    const same = [card({ id: 'a', position: 'a0' }), card({ id: 'b', position: 'a0' }), c];
    const position = positionAt(same, 1);
    expect(position > 'a0' && position < 'a2').toBe(true);
  });
});
