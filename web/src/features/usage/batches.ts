// Usage events on their way: names and values from a fixed list, never what somebody typed.
import type { components } from '@/shared/http/api.gen';
import { address, call } from '@/shared/http/client';
import { newId } from '@/shared/http/ids';
import { Problem } from '@/shared/http/problem';
import { currentToken, onSignedOut } from '@/shared/http/session';

export type Name =
  | 'view_opened'
  | 'task_opened'
  | 'search_used'
  | 'palette_used'
  | 'shortcut_used'
  | 'import_started'
  | 'undo_used'
  | 'went_offline'
  | 'dashboard_changed';
type Event = components['schemas']['UsageEvent'];
type Waiting = { workspace: string; event: Event };

/** As many as the server takes at once, and as many as wait for it at most. */
const most = 50;
const kept = 200;
let waiting: Waiting[] = [];
let sending = false;

onSignedOut(() => {
  waiting = [];
});

/** Forgets what was to be sent. */
export function forget(): void {
  waiting = [];
}

/** Keeps an event until the next batch goes; where too many wait, the oldest give way. */
export function record(workspace: string, name: Name, properties: Record<string, string>): void {
  const event = { id: newId(), name, at: new Date().toISOString(), properties };
  waiting = [...waiting.slice(1 - kept), { workspace, event }];
}

/** The next batch: events of one workspace, oldest first. */
function next(): Waiting[] {
  const first = waiting[0];
  return waiting.filter((one) => one.workspace === first?.workspace).slice(0, most);
}

const bodyOf = (batch: Waiting[]) => ({
  ...(batch[0]?.workspace ? { workspace: batch[0].workspace } : {}),
  events: batch.map((one) => one.event),
});

/**
 * Sends what waits. Where nobody answers it waits on: an event sent twice
 * counts once. What is refused is dropped, for it would be refused again.
 */
export async function flush(): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (let batch = next(); batch.length > 0; batch = next()) {
      try {
        await call('POST', '/usage', { body: bodyOf(batch) });
      } catch (error) {
        if (!(error instanceof Problem) || error.unreachable || error.status === 429) return;
      }
      const sent = new Set(batch);
      waiting = waiting.filter((one) => !sent.has(one));
    }
  } finally {
    sending = false;
  }
}

/** The same while the page goes away: by requests that outlive it, whose answers nobody hears. */
export function flushAtEnd(): void {
  const token = currentToken();
  if (!token) return;
  for (let batch = next(); batch.length > 0; batch = next()) {
    const sent = new Set(batch);
    waiting = waiting.filter((one) => !sent.has(one));
    void fetch(address('/usage'), {
      method: 'POST',
      keepalive: true,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(bodyOf(batch)),
    }).catch(() => undefined);
  }
}
