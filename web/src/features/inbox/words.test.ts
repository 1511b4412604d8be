import { describe, expect, it } from 'vitest';
import { notice } from '@/testing/notices';
import { byDay, keyOf, say } from './words';

describe('byDay', () => {
  const now = new Date('2026-03-10T09:00:00Z');
  const at = (when: string) => notice({ id: when, at: when });

  it('puts notices under the days that people think in, in their order', () => {
    const groups = byDay(
      [
        at('2026-03-10T08:00:00Z'),
        at('2026-03-10T00:00:00Z'),
        at('2026-03-09T23:59:00Z'),
        at('2026-03-04T12:00:00Z'),
        at('2026-03-03T12:00:00Z'),
        at('2025-01-01T12:00:00Z'),
      ],
      now,
    );
    expect(groups.map((group) => [group.title, group.notices.length])).toEqual([
      ['Today', 2],
      ['Yesterday', 1],
      ['This week', 1],
      ['Earlier', 2],
    ]);
  });

  it('takes what a clock ahead of this one has written as of today', () => {
    expect(byDay([at('2026-03-11T00:10:00Z')], now)[0]?.title).toBe('Today');
  });
});

describe('a notice', () => {
  it('says where somebody was mentioned', () => {
    expect(say(notice({ kind: 'mentioned', comment: 'c1' }))).toBe('mentioned you in a comment');
    expect(say(notice({ kind: 'mentioned' }))).toBe('mentioned you in the description');
  });

  it('names its task, where it has one', () => {
    expect(keyOf(notice({ projectKey: 'WEB', taskNumber: 7 }))).toBe('WEB-7');
    expect(keyOf(notice({ projectKey: undefined, taskNumber: undefined }))).toBe('');
  });
});
