import { create } from 'zustand';
import { Problem, problemOf } from './problem';
import type { Signed, User } from './types';

type State = {
  /** `unknown` until the refresh cookie has been tried once. */
  status: 'unknown' | 'in' | 'out';
  user: User | null;
};

/** Who is signed in. The access token stays in this module's memory only. */
export const useSession = create<State>(() => ({ status: 'unknown', user: null }));

let token = '';
let expires = 0;
let inflight: Promise<boolean> | null = null;

type Message = { kind: 'in'; signed: Signed; at: number } | { kind: 'out' };
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('headway.session');
const outListeners = new Set<() => void>();

/** Runs when the person is signed out, here or in another tab. */
export function onSignedOut(listener: () => void): () => void {
  outListeners.add(listener);
  return () => outListeners.delete(listener);
}

const hint = 'headway.signed-in';

/** Whether somebody has signed in on this device: without, there is no cookie to ask with. */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(hint) !== null;
  } catch {
    return true;
  }
}

function leaveHint(signedIn: boolean) {
  try {
    if (signedIn) localStorage.setItem(hint, '1');
    else localStorage.removeItem(hint);
  } catch {
    // Without storage the cookie is asked for at every start.
  }
}

function take(signed: Signed, at: number) {
  leaveHint(true);
  const before = useSession.getState().user;
  if (before && before.id !== signed.user.id) for (const listener of outListeners) listener();
  token = signed.accessToken;
  expires = at + signed.expiresIn * 1000;
  useSession.setState({ status: 'in', user: signed.user });
}

function drop() {
  token = '';
  expires = 0;
  leaveHint(false);
  if (useSession.getState().status === 'out') return;
  useSession.setState({ status: 'out', user: null });
  for (const listener of outListeners) listener();
}

channel?.addEventListener('message', (event: MessageEvent<Message>) => {
  if (event.data.kind === 'in') take(event.data.signed, event.data.at);
  else drop();
});

/** Takes what sign-in, register or refresh answered, and tells the other tabs. */
export function signedIn(signed: Signed): void {
  const at = Date.now();
  take(signed, at);
  channel?.postMessage({ kind: 'in', signed, at } satisfies Message);
}

/** Forgets the person in every tab. */
export function signedOut(): void {
  drop();
  channel?.postMessage({ kind: 'out' } satisfies Message);
}

/** Changes what is known of the person, after they changed their name. */
export function userChanged(user: User): void {
  useSession.setState({ user });
}

export function currentToken(): string {
  return token;
}

/** The token, renewed first when it is about to expire. */
export async function freshToken(): Promise<string> {
  if (token && Date.now() < expires - 20_000) return token;
  await refresh(token);
  return token;
}

/**
 * Renews the access token by the refresh cookie: once at a time across tabs,
 * because each refresh token works only once. `stale` is the token that was
 * refused; where another tab has brought a newer one meanwhile, that is used.
 * Answers whether somebody is signed in; throws when the server does not answer.
 */
export function refresh(stale: string): Promise<boolean> {
  if (token && token !== stale) return Promise.resolve(true);
  inflight ??= locked(async () => {
    if (token && token !== stale && Date.now() < expires - 20_000) return true;
    const before = token;
    const response = await fetch('/api/v1/auth/refresh', {
      method: 'POST',
      credentials: 'same-origin',
    }).catch(() => {
      throw new Problem(0, 'unreachable', 'No answer', '');
    });
    if (response.ok) {
      const signed = (await response.json()) as Signed;
      // Who signed out, or in as somebody else, meanwhile stays so.
      if (token !== before) return token !== '';
      signedIn(signed);
      return true;
    }
    if (response.status === 401 || response.status === 403 || response.status === 400) {
      if (token || useSession.getState().status !== 'out') drop();
      return false;
    }
    throw await problemOf(response);
  }).finally(() => {
    inflight = null;
  });
  return inflight;
}

function locked(work: () => Promise<boolean>): Promise<boolean> {
  // Web Locks exist only in secure contexts; elsewhere one tab looks after itself.
  return navigator.locks
    ? Promise.resolve(navigator.locks.request('headway.refresh', work)).then((done) => done)
    : work();
}
