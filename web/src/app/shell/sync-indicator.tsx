import { useEffect, useState } from 'react';
import { dismissFailed, useOutbox, type Waiting } from '@/shared/live/outbox';
import { useLiveState } from '@/shared/live/use-live';
import { Button } from '@/shared/ui/button';
import { cx } from '@/shared/ui/cx';
import { Popover } from '@/shared/ui/popover';

type Standing = 'saved' | 'saving' | 'waiting' | 'offline' | 'failed';

function useStanding(): {
  standing: Standing;
  waiting: Waiting[];
  failed: { what: string; why: string } | null;
} {
  const { waiting, failed, offline } = useOutbox();
  const live = useLiveState((state) => state.state);
  // A stream that comes back at once is no news: only one that stays down is.
  const [down, setDown] = useState(false);
  useEffect(() => {
    if (live === 'live') {
      setDown(false);
      return;
    }
    const timer = setTimeout(() => setDown(true), 4000);
    return () => clearTimeout(timer);
  }, [live]);
  let standing: Standing = 'saved';
  if (failed) standing = 'failed';
  else if (waiting.length > 0) standing = offline || down ? 'waiting' : 'saving';
  else if (offline || down) standing = 'offline';
  return { standing, waiting, failed };
}

const phone = matchMedia('(width < 48rem)');

const dots: Record<Standing, string> = {
  saved: 'bg-done',
  saving: 'bg-active',
  waiting: 'bg-active',
  offline: 'bg-active',
  failed: 'bg-danger',
};

/**
 * Always says how things stand, and opens what and why. Floating, for a phone
 * whose sidebar is closed, it only shows what is not as it should be.
 */
export function SyncIndicator({ floating = false }: { floating?: boolean }) {
  const { standing, waiting, failed } = useStanding();
  if (floating && (standing === 'saved' || standing === 'saving' || !phone.matches)) return null;
  const words: Record<Standing, string> = {
    saved: 'Saved',
    saving: 'Saving',
    waiting: `${waiting.length} waiting`,
    offline: 'Offline',
    failed: 'Not saved',
  };
  return (
    <Popover
      side="top"
      label="How things stand"
      align="start"
      className="w-80 p-4"
      trigger={
        <button
          type="button"
          data-testid={floating ? 'sync-floating' : 'sync'}
          data-standing={standing}
          className={cx(
            'flex h-8 items-center gap-2 text-sm text-ink-2 touch:h-11',
            floating
              ? 'fixed bottom-20 left-3 z-35 animate-enter rounded-full border border-line-strong bg-surface px-4 font-medium shadow-float'
              : 'rounded-row px-2 hover:bg-hover aria-expanded:bg-pressed',
          )}
        >
          <span aria-hidden="true" className={cx('size-1.5 rounded-full', dots[standing])} />
          <span role="status">{words[standing]}</span>
        </button>
      }
    >
      {() => <Details standing={standing} waiting={waiting} failed={failed} />}
    </Popover>
  );
}

const explained: Record<Standing, string> = {
  saved: 'Everything is saved. Changes by others appear by themselves.',
  saving: 'Your changes are on their way to the server.',
  waiting:
    'They go out by themselves, in this order, when the server answers. Keep this page open until then.',
  offline: 'The server does not answer. What you see may be old; it catches up by itself.',
  failed: 'The server refused this change, so it was taken back here.',
};

function Details({ standing, waiting, failed }: ReturnType<typeof useStanding>) {
  const since = waiting[0] ? new Date(waiting[0].since).toTimeString().slice(0, 5) : '';
  return (
    <div className="grid gap-2">
      <p className="flex items-center gap-2 font-medium">
        <span aria-hidden="true" className={cx('size-1.5 shrink-0 rounded-full', dots[standing])} />
        {standing === 'waiting' &&
          `${waiting.length === 1 ? '1 change waits' : `${waiting.length} changes wait`} since ${since}`}
        {standing === 'saved' && 'Saved'}
        {standing === 'saving' && 'Saving'}
        {standing === 'offline' && 'Offline'}
        {standing === 'failed' && failed?.what}
      </p>
      {failed && <p className="text-sm text-ink-2">{failed.why}</p>}
      {waiting.length > 0 && (
        <ul className="grid max-h-60 gap-1.5 overflow-y-auto text-ink-2">
          {waiting.map((one) => (
            <li key={one.id} className="truncate">
              {one.what}
            </li>
          ))}
        </ul>
      )}
      <p className="text-sm text-ink-3">{explained[standing]}</p>
      {failed && (
        <Button className="justify-self-start" onClick={dismissFailed}>
          Got it
        </Button>
      )}
    </div>
  );
}
