import { describe, expect, it } from 'vitest';
import { ago, joinDate, sayDate, size, timeOf, urgency } from './dates';

const now = new Date('2026-03-04T12:00:00Z'); // a Wednesday

describe('dates', () => {
  it.each([
    ['2026-03-03', 'Yesterday'],
    ['2026-03-04', 'Today'],
    ['2026-03-05', 'Tomorrow'],
    ['2026-03-07', 'Sat'],
    ['2026-03-20', '20 Mar'],
    ['2025-12-01', '1 Dec 2025'],
  ])('says %s as %s', (value, said) => {
    expect(sayDate(value, now)).toBe(said);
  });

  it('knows what is late, what is soon', () => {
    expect(urgency('2026-03-03', now)).toBe('late');
    expect(urgency('2026-03-04', now)).toBe('soon');
    expect(urgency('2026-03-05', now)).toBe('soon');
    expect(urgency('2026-03-06', now)).toBe('later');
    expect(urgency('2026-03-04T11:00:00Z', now)).toBe('late');
  });

  it('keeps a time of day in the zone of the person', () => {
    const moment = joinDate('2026-03-04', '17:30');
    expect(moment).toMatch(/Z$/);
    expect(timeOf(moment)).toBe('17:30');
    expect(joinDate('2026-03-04', '')).toBe('2026-03-04');
  });

  it('says how long ago', () => {
    expect(ago('2026-03-04T11:59:40Z', now)).toBe('now');
    expect(ago('2026-03-04T11:36:00Z', now)).toBe('24 min');
    expect(ago('2026-03-04T09:59:00Z', now)).toBe('2 h');
    expect(ago('2026-03-01T12:00:00Z', now)).toBe('3 d');
  });

  it('says sizes', () => {
    expect([size(12), size(66_000), size(14_800_000)]).toEqual(['12 bytes', '66 kB', '14.8 MB']);
  });
});
