import { address } from '@/shared/http/client';
import { freshToken, refresh } from '@/shared/http/session';
import { type ServerEvent, sseParser } from './sse';

export type StreamState = 'connecting' | 'live' | 'down';

type Options = {
  path: string;
  /** The seq to go on from at the first connection; null starts at what is newest. */
  since: number | null;
  onEvent: (event: ServerEvent) => void;
  onState: (state: StreamState) => void;
  /** Connected without an id to resume from: what came before may have been missed. */
  onFresh: () => void;
  /** The server says that this stream will never be: signed out, or no longer a member. */
  onRefused: (status: number) => void;
};

const quiet = 45_000; // three heartbeats of the server

/** How long to wait before try number `attempt` (from 0): half fixed, half random, at most 30 s. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const top = Math.min(500 * 2 ** attempt, 30_000);
  return top / 2 + (random() * top) / 2;
}

/**
 * Holds a stream of server-sent events open by fetch, because EventSource
 * cannot send the Authorization header. Resumes by Last-Event-ID after each
 * break. Answers how to stop it.
 */
export function openStream(options: Options): () => void {
  const stop = new AbortController();
  let last = options.since === null ? '' : String(options.since);
  let attempt = 0;
  let wake: (() => void) | null = null;
  const nudge = () => wake?.();
  addEventListener('online', nudge);
  document.addEventListener('visibilitychange', nudge);

  const connect = async () => {
    const token = await freshToken();
    const abort = new AbortController();
    const end = () => abort.abort();
    stop.signal.addEventListener('abort', end);
    let watchdog = setTimeout(end, quiet);
    try {
      const headers: Record<string, string> = {
        Authorization: `Bearer ${token}`,
        Accept: 'text/event-stream',
      };
      if (last) headers['Last-Event-ID'] = last;
      const response = await fetch(address(options.path), {
        headers,
        signal: abort.signal,
        cache: 'no-store',
      });
      if (response.status === 401) {
        if (!(await refresh(token))) options.onRefused(401);
        return;
      }
      if (response.status === 403 || response.status === 404) {
        options.onRefused(response.status);
        stop.abort();
        return;
      }
      if (!response.ok || !response.body) return;
      options.onState('live');
      if (!last) options.onFresh();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const push = sseParser((event) => {
        if (event.id) last = event.id;
        options.onEvent(event);
      });
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        attempt = 0;
        clearTimeout(watchdog);
        watchdog = setTimeout(end, quiet);
        push(value);
      }
    } finally {
      clearTimeout(watchdog);
      stop.signal.removeEventListener('abort', end);
    }
  };

  const run = async () => {
    while (!stop.signal.aborted) {
      options.onState('connecting');
      await connect().catch(() => undefined);
      if (stop.signal.aborted) return;
      options.onState('down');
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, backoff(attempt));
        stop.signal.addEventListener('abort', () => resolve());
      });
      wake = null;
      attempt += 1;
    }
  };
  void run();
  return () => {
    removeEventListener('online', nudge);
    document.removeEventListener('visibilitychange', nudge);
    stop.abort();
  };
}
