import { describe, expect, it } from 'vitest';
import { daysOf, periodOf } from './period';
import { compared, duration } from './say';

describe('duration', () => {
  it.each([
    [20, '< 1 min'],
    [150, '3 min'],
    [5.5 * 3600, '5.5 h'],
    [23 * 3600, '23 h'],
    [4 * 86_400, '4.0 days'],
    [14.4 * 86_400, '14 days'],
  ])('of %d s is %s', (seconds, want) => expect(duration(seconds)).toBe(want));
});

describe('compared', () => {
  it('says by how many', () => {
    expect([compared(5, 2), compared(2, 5), compared(2, 2)]).toEqual([
      '3 more than before',
      '3 fewer than before',
      'as many as before',
    ]);
  });
});

describe('daysOf', () => {
  const now = new Date('2026-03-10T09:00:00Z');
  it('ends today and goes on from the days before without a gap', () => {
    expect(daysOf('7', now)).toMatchObject({ from: '2026-03-04', to: '2026-03-10', per: 'day' });
    expect(daysOf('7', now, true)).toMatchObject({ from: '2026-02-25', to: '2026-03-03' });
    expect(daysOf('84', now).per).toBe('week');
  });
  it('takes four weeks for what is no period', () => {
    expect([periodOf('84'), periodOf('x'), periodOf(null)]).toEqual(['84', '28', '28']);
  });
});
