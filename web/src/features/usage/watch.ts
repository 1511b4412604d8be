// Sees what the app is used for, from outside of it: nothing that shows waits for this.
import { useScreen } from '@/app/screen';
import { queryClient } from '@/shared/http/query-client';
import { undoing, useOutbox } from '@/shared/live/outbox';
import { flush, flushAtEnd, forget, type Name, record } from './batches';
import { choiceQuery, declinedByBrowser } from './choice';

const every = 30_000;
type Found = { items?: unknown[] };
const phone = matchMedia('(width < 48rem)');

/** The view that an address shows, by the names that the server knows; "" for any other. */
export function viewOf(path: string): string {
  const [, , , place = '', tab = ''] = path.split('/');
  if (place === 'p') return path.endsWith('/list') ? 'list' : 'board';
  if (place === 'settings') return tab === 'members' ? 'members' : 'settings';
  return { insights: 'analytics', inbox: 'inbox', import: 'imports' }[place] ?? '';
}

const workspaceOf = (path: string) => /^\/w\/([^/]+)/.exec(path)?.[1] ?? '';

/** Set while use is counted. */
let on = false;

/** Tells of something that was done; of nothing where that is not wanted. */
export function note(name: Name, properties: Record<string, string> = {}): void {
  if (on) record(workspaceOf(location.pathname), name, properties);
}

/** Begins to count, unless the person or the browser asks for that to be left. Answers how to end it. */
export async function watch(): Promise<() => void> {
  if (declinedByBrowser()) return () => undefined;
  const allowed = await queryClient.ensureQueryData(choiceQuery).catch(() => false);
  on = allowed;
  const device = () => (phone.matches ? 'phone' : 'desktop');
  let path = '';
  let task = '';
  let asked = location.search;
  const look = () => {
    const view = viewOf(location.pathname);
    if (location.pathname !== path) {
      // The tabs of one page are one view.
      if (view === 'analytics' && viewOf(path) === view) note('dashboard_changed', { view });
      else if (view) note('view_opened', { view, device: device() });
    } else if (view === 'analytics' && location.search !== asked) {
      note('dashboard_changed', { view });
    }
    const open = new URLSearchParams(location.search).get('task') ?? '';
    if (open && open !== task && view) note('task_opened', { view, device: device() });
    [path, task, asked] = [location.pathname, open, location.search];
  };
  look();
  // The router tells of its steps by these.
  const steps = ['popstate', 'pushState', 'replaceState'];
  for (const step of steps) addEventListener(step, look);
  // What the last search of the open dialog found; counted once, when it closes.
  let found: 'found' | 'nothing' | null = null;
  let source: 'keyboard' | 'pointer' = 'pointer';
  const ends = [
    useScreen.subscribe((now, before) => {
      if (now.open === before.open) return;
      if (now.open === 'search') note('palette_used', { device: device() });
      if (before.open === 'search' && found) note('search_used', { result: found, device: device() });
      found = null;
    }),
    useOutbox.subscribe((now, before) => {
      if (now.offline && !before.offline) note('went_offline', { device: device() });
      const last = now.waiting.at(-1);
      if (last?.what === undoing && !before.waiting.some((one) => one.id === last.id)) {
        note('undo_used', { source });
      }
    }),
    queryClient.getQueryCache().subscribe((event) => {
      const { query } = event;
      if (query.queryKey[2] === 'search' && event.type === 'updated' && event.action.type === 'success') {
        found = (query.state.data as Found).items?.length ? 'found' : 'nothing';
      }
      // The choice holds from the moment that it is made.
      if (query.queryKey[0] !== choiceQuery.queryKey[0]) return;
      on = query.state.data === true;
      if (!on) forget();
    }),
  ];
  const onPointer = () => {
    source = 'pointer';
  };
  const onKey = (event: KeyboardEvent) => {
    source = 'keyboard';
    const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
    if (event.repeat || !/^[^ ]$/.test(event.key) || (typing && !event.metaKey && !event.ctrlKey)) return;
    const view = viewOf(location.pathname);
    // Whoever has a use for the key takes it; that is known when all have had it.
    setTimeout(() => {
      if (event.defaultPrevented) note('shortcut_used', view ? { view } : {});
    });
  };
  addEventListener('pointerdown', onPointer, true);
  addEventListener('keydown', onKey, true);
  const timer = setInterval(() => void flush(), every);
  const hide = () => {
    if (document.visibilityState === 'hidden') flushAtEnd();
  };
  document.addEventListener('visibilitychange', hide);
  addEventListener('pagehide', flushAtEnd);
  return () => {
    on = false;
    for (const end of ends) end();
    removeEventListener('pointerdown', onPointer, true);
    removeEventListener('keydown', onKey, true);
    for (const step of steps) removeEventListener(step, look);
    clearInterval(timer);
    document.removeEventListener('visibilitychange', hide);
    removeEventListener('pagehide', flushAtEnd);
  };
}
