/** Seconds as people say how long work took: < 1 min, 40 min, 5.5 h, 4.0 days. */
export function duration(seconds: number): string {
  const minutes = seconds / 60;
  if (minutes < 1) return '< 1 min';
  if (minutes < 60) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 24) return `${hours < 10 ? hours.toFixed(1) : Math.round(hours)} h`;
  const days = hours / 24;
  return `${days < 10 ? days.toFixed(1) : Math.round(days)} days`;
}

/** How a count compares with the one of the days before: "3 more than before". */
export function compared(now: number, before: number): string {
  if (now === before) return 'as many as before';
  return now > before ? `${now - before} more than before` : `${before - now} fewer than before`;
}

const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A plain date, as an axis has room for: 3 Mar. */
export function shortDay(day: string): string {
  return dayMonth.format(new Date(`${day}T00:00Z`));
}

/** "1 task", "2 tasks"; "1 person", "2 people". */
export function counted(n: number, noun: string, nouns = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : nouns}`;
}

export const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);
