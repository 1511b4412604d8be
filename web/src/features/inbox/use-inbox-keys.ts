import { useEffect, useRef } from 'react';

/** What marks a row's link, for the keys to find it by. */
export const rowAttribute = 'data-notice';

type Keys = { toggle: (id: string) => void; markAll: () => void; filter: () => void };

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

/** The keys of the inbox: J and K or arrows go, R marks, ⇧R marks all, U filters. */
export function useInboxKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (typing(event.target) || document.querySelector('dialog[open]')) return;
      const active = document.activeElement;
      // A task that is open beside has keys of its own.
      if (active?.closest('[data-testid=task-panel], [role=menu]')) return;
      const rows = [...document.querySelectorAll<HTMLElement>(`[${rowAttribute}]`)];
      const row = active?.closest('li')?.querySelector<HTMLElement>(`[${rowAttribute}]`);
      const at = row ? rows.indexOf(row) : -1;
      const key = event.key.toLowerCase();
      if (key === 'j' || key === 'arrowdown') rows[Math.min(at + 1, rows.length - 1)]?.focus();
      else if (key === 'k' || key === 'arrowup') rows[Math.max(at - 1, 0)]?.focus();
      else if (key === 'r' && event.shiftKey) now.current.markAll();
      else if (key === 'r' && row) now.current.toggle(row.getAttribute(rowAttribute) ?? '');
      else if (key === 'u') now.current.filter();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
