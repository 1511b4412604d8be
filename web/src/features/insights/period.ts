import { localDay } from '@/shared/ui/dates';

/** Days of the person's zone, both included, and the width of what is counted together. */
export type Days = { from: string; to: string; zone: string; per: 'day' | 'week' };

export const periods = [
  { value: '7', name: 'Last 7 days' },
  { value: '28', name: 'Last 4 weeks' },
  { value: '84', name: 'Last 12 weeks' },
  { value: '182', name: 'Last 6 months' },
  { value: '364', name: 'Last year' },
] as const;
export type Period = (typeof periods)[number]['value'];

/** The period of an address; four weeks where it names none that there is. */
export function periodOf(text: string | null): Period {
  return periods.find((one) => one.value === text)?.value ?? '28';
}

function shift(date: Date, days: number): Date {
  const moved = new Date(date);
  moved.setDate(moved.getDate() + days);
  return moved;
}

/** The days of a period that ends today, or of the one as long before it. */
export function daysOf(period: Period, now: Date = new Date(), before = false): Days {
  const length = Number(period);
  const last = before ? shift(now, -length) : now;
  return {
    from: localDay(shift(last, 1 - length)),
    to: localDay(last),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    per: length > 31 ? 'week' : 'day',
  };
}
