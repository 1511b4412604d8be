const day = 86_400_000;

/** The plain date of a moment in the person's zone. */
export function localDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Whether a date of a task has a time of day. */
export function hasTime(value: string): boolean {
  return value.includes('T');
}

/** The day that a task's date falls on for this person, as YYYY-MM-DD. */
export function dayOf(value: string): string {
  return hasTime(value) ? localDay(new Date(value)) : value;
}

/** The time of day of a task's date, "" where it has none. */
export function timeOf(value: string): string {
  if (!hasTime(value)) return '';
  const date = new Date(value);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** A task's date from a day and a time of day in the person's zone. */
export function joinDate(date: string, time: string): string {
  if (!date || !time) return date;
  const moment = new Date(`${date}T${time}`);
  return Number.isNaN(moment.getTime()) ? date : `${moment.toISOString().slice(0, 19)}Z`;
}

/** Whole days from today to a day; negative is past. */
export function daysUntil(value: string, now: Date = new Date()): number {
  return Math.round((Date.parse(`${dayOf(value)}T00:00Z`) - Date.parse(`${localDay(now)}T00:00Z`)) / day);
}

/** How pressing a due date is. */
export function urgency(value: string, now: Date = new Date()): 'late' | 'soon' | 'later' {
  const days = daysUntil(value, now);
  if (days < 0 || (hasTime(value) && Date.parse(value) < now.getTime())) return 'late';
  return days <= 1 ? 'soon' : 'later';
}

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const weekday = format({ weekday: 'short', timeZone: 'UTC' });
const dayMonth = format({ day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayMonthYear = format({ day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const full = format({ dateStyle: 'full', timeStyle: 'short' });

/** A task's date as a person says it: Yesterday, Today, Fri, 3 Mar, with its time. */
export function sayDate(value: string, now: Date = new Date()): string {
  const days = daysUntil(value, now);
  const date = new Date(`${dayOf(value)}T00:00Z`);
  if (Number.isNaN(date.getTime())) return value;
  let said: string;
  if (days === 0) said = 'Today';
  else if (days === 1) said = 'Tomorrow';
  else if (days === -1) said = 'Yesterday';
  else if (days > 1 && days < 7) said = weekday.format(date);
  else if (date.getUTCFullYear() === now.getFullYear()) said = dayMonth.format(date);
  else said = dayMonthYear.format(date);
  const time = timeOf(value);
  return time ? `${said} ${time}` : said;
}

/** How long ago a moment was: now, 24 min, 2 h, 3 d, then the date. */
export function ago(at: string, now: Date = new Date()): string {
  const minutes = Math.floor((now.getTime() - Date.parse(at)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 7 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d`;
  return sayDate(localDay(new Date(at)), now);
}

/** A moment in full, for a tooltip. */
export function inFull(at: string): string {
  return full.format(new Date(at));
}

/** A count with its thousands apart. */
export function count(value: number): string {
  return new Intl.NumberFormat('en-GB').format(value);
}

/** A size in bytes as people read it. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
