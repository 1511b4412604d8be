import { create } from 'zustand';
import { Problem } from '@/shared/http/problem';

export type Waiting = { id: number; what: string; since: number };
type State = {
  waiting: Waiting[];
  /** The last change that the server refused, until the next one goes through. */
  failed: { what: string; why: string } | null;
  /** True while the server does not answer. */
  offline: boolean;
};

/** What has been changed here and not yet been acknowledged by the server. */
export const useOutbox = create<State>(() => ({ waiting: [], failed: null, offline: false }));

/** What an undo is called here. */
export const undoing = 'Undo';

type Job = Waiting & { run: () => Promise<unknown>; settle: (error: unknown, value?: unknown) => void };
let queue: Job[] = [];
let draining = false;
let nextId = 1;
let poke: (() => void) | null = null;

addEventListener('online', () => poke?.());

/**
 * Sends a change after all those before it. A change that gets no answer is
 * tried again until there is one, which is safe because ids are made here and
 * values are absolute; one that is refused rejects with the server's problem.
 */
export function send<T>(what: string, run: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (error: unknown, value?: unknown) => (error ? reject(error) : resolve(value as T));
    queue.push({ id: nextId++, what, since: Date.now(), run, settle });
    publish();
    void drain();
  });
}

/** Forgets what waits: the person signed out. */
export function clearOutbox(): void {
  const gone = queue;
  queue = [];
  useOutbox.setState({ waiting: [], failed: null, offline: false });
  for (const job of gone) job.settle(new Problem(401, 'signed-out', 'Signed out', ''));
}

export function setFailed(what: string, why: string): void {
  useOutbox.setState({ failed: { what, why } });
}

export function dismissFailed(): void {
  useOutbox.setState({ failed: null });
}

function publish() {
  useOutbox.setState({ waiting: queue.map(({ id, what, since }) => ({ id, what, since })) });
}

async function drain() {
  if (draining) return;
  draining = true;
  let attempt = 0;
  for (let job = queue[0]; job; job = queue[0]) {
    try {
      const value = await job.run();
      attempt = 0;
      useOutbox.setState({ offline: false, failed: null });
      done(job);
      job.settle(null, value);
    } catch (error) {
      if (error instanceof Problem && error.unreachable && queue[0] === job) {
        useOutbox.setState({ offline: true });
        await pause(Math.min(1000 * 2 ** attempt, 15_000));
        attempt += 1;
      } else {
        useOutbox.setState({ offline: false });
        done(job);
        job.settle(error);
      }
    }
  }
  draining = false;
}

function done(job: Job) {
  queue = queue.filter((other) => other !== job);
  publish();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    poke = resolve;
    setTimeout(resolve, ms);
  });
}

addEventListener('beforeunload', (event) => {
  if (queue.length > 0) event.preventDefault();
});
